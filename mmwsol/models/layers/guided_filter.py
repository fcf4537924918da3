"""Maps that follow the image's edges."""

import torch
import torch.nn.functional as F
from mmpretrain.registry import MODELS
from torch import Tensor, nn

from mmwsol.functional import minmax_normalize, to_grid

# chosen on held-out training images of CUB: docs/records/2026-11-26-iou70.md
GRID = 112
WINDOW = 1 / 14
EPSILON = 2e-3


@MODELS.register_module()
class GuidedFilter(nn.Module):
    """Refines maps by the images that they were made of; nothing is learned.

    `Guided image filtering (TPAMI 2013) <https://doi.org/10.1109/TPAMI.2012.213>`_, with
    colours as the guide: around each place the map is written as an affine function of the
    colours, ``a . I + b``, by ridge regression within a square window, and a and b are
    averaged over all windows that a place is in. So a map ends where the colours change. As
    in `Fast guided filter <https://arxiv.org/abs/1505.00996>`_, a and b are found on a
    coarser grid. The window's half side is a 14th of the image's shorter side.

    Not of any WSOL paper; an option of every method: ``model.refine=dict(type='GuidedFilter')``.
    """

    def forward(self, maps: Tensor, images: Tensor) -> Tensor:
        """Refined maps ``(M, H, W)`` in [0, 1].

        Args:
            maps: ``(M, H, W)``, in [0, 1].
            images: The image of each map, ``(M, 3, H, W)``; their scale does not matter.
        """
        with torch.autocast(images.device.type, enabled=False):
            guide = standardized(images.float())
            short = min(images.shape[2:])
            factor = max(1.0, short / GRID)
            grid = [round(side / factor) for side in images.shape[2:]]
            slope, offset = self.coefficients(
                to_grid(guide, grid), to_grid(maps[:, None], grid)
            )
            slope, offset = (
                F.interpolate(
                    one, images.shape[2:], mode='bilinear', align_corners=False
                )
                for one in (slope, offset)
            )
            return minmax_normalize((slope * guide).sum(1) + offset[:, 0])

    @staticmethod
    def coefficients(guide: Tensor, maps: Tensor) -> tuple[Tensor, Tensor]:
        """Slope ``(M, 3, h, w)`` and offset ``(M, 1, h, w)`` around each place.

        Args:
            guide: ``(M, 3, h, w)``.
            maps: ``(M, 1, h, w)``.
        """
        radius = max(1, round(WINDOW * min(guide.shape[2:])))

        def mean(values: Tensor) -> Tensor:
            # over the part of a window that is inside the image
            return F.avg_pool2d(
                values, 2 * radius + 1, 1, radius, count_include_pad=False
            )

        colour, level = mean(guide), mean(maps)
        shared = mean(guide * maps) - colour * level
        # covariances of the colours: red-red, red-green, .., blue-blue
        rr, rg, rb, gg, gb, bb = (
            mean(guide[:, i : i + 1] * guide[:, j : j + 1])
            - colour[:, i : i + 1] * colour[:, j : j + 1]
            + (EPSILON if i == j else 0)
            for i in range(3)
            for j in range(i, 3)
        )
        # the inverse by cofactors, which exports, as a solver does not
        first = torch.cat([gg * bb - gb * gb, gb * rb - rg * bb, rg * gb - gg * rb], 1)
        second = torch.cat([first[:, 1:2], rr * bb - rb * rb, rg * rb - rr * gb], 1)
        third = torch.cat([first[:, 2:3], second[:, 2:3], rr * gg - rg * rg], 1)
        determinant = rr * first[:, 0:1] + rg * first[:, 1:2] + rb * first[:, 2:3]
        slope = torch.cat(
            [
                (row * shared).sum(1, keepdim=True) / determinant
                for row in (first, second, third)
            ],
            1,
        )
        offset = level - (slope * colour).sum(1, keepdim=True)
        return mean(slope), mean(offset)


def standardized(images: Tensor) -> Tensor:
    """Images ``(M, C, H, W)`` with mean 0 and variance 1 each; one of a single colour is 0."""
    centred = images - images.mean((1, 2, 3), keepdim=True)
    return centred / centred.square().mean((1, 2, 3), keepdim=True).sqrt().clamp(
        min=1e-6
    )
