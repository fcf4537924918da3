"""Foreground maps from features.

Shapes: ``N`` images, ``C`` channels, ``K`` maps per image, ``M`` of them asked for.
"""

from typing import Literal, get_args

import torch
import torch.nn.functional as F
from torch import Tensor, nn

PaddingMode = Literal['zeros', 'replicate']


class MapGenerator(nn.Conv2d):
    """A 3 x 3 convolution and a sigmoid: ``K`` foreground maps in [0, 1].

    The maps asked for can be named, and only those are computed: with 200 classes and
    one map an image that is 1/200 of the convolution.

    Args:
        in_channels: ``C``.
        num_maps: ``K``, the number of classes, or 1 for a map that knows no class.
        normalize: Whether each channel is brought to mean 0 and variance 1 before, by
            batch normalization without parameters. Convolutions of either features make
            the same maps; training differs: features after a ReLU have a mean, and where
            it is large one step opens or closes a whole map.
        padding_mode: What is beyond the border. `'zeros'` are a feature that no image has,
            and may draw a strip along the border; `'replicate'` repeats the image's own.
    """

    bias: nn.Parameter

    def __init__(
        self,
        in_channels: int,
        num_maps: int,
        normalize: bool = False,
        padding_mode: PaddingMode = 'zeros',
    ) -> None:
        if padding_mode not in get_args(PaddingMode):
            raise ValueError(
                'Expected `model.neck.padding_mode` to be one of '
                f'{get_args(PaddingMode)}, but got {padding_mode!r}.'
            )
        repeats_border = padding_mode == 'replicate'
        super().__init__(
            in_channels, num_maps, kernel_size=3, padding=0 if repeats_border else 1
        )
        self.repeats_border = repeats_border
        nn.init.normal_(self.weight, std=0.01)
        nn.init.zeros_(self.bias)
        self.norm = (
            nn.BatchNorm2d(in_channels, affine=False) if normalize else nn.Identity()
        )

    def forward(self, feat: Tensor, classes: Tensor | None = None) -> Tensor:
        """Maps of the given classes.

        Args:
            feat: ``(N, C, h, w)``.
            classes: ``(N, M)`` indices below ``K``, or None for all ``K`` maps.

        Returns:
            ``(N, M, h, w)`` float32 in [0, 1]; in half precision most of them would be 0 or
            1, and their mean of few digits.
        """
        feat = self.norm(feat)
        if self.repeats_border:  # zeros add nothing, and cost nothing
            feat = repeat_border(feat)
        if self.out_channels == 1 or classes is None:
            return super().forward(feat).float().sigmoid()
        kernels = self.weight[classes].flatten(3)  # (N, M, C, 9)
        # Each kernel position is a weighted sum over channels, a matrix product; the
        # nine partial maps are then shifted and added. `fold` shifts the other way
        # round than a convolution, hence the flip.
        kernels = kernels.flip(3).transpose(2, 3).flatten(1, 2)  # (N, M * 9, C)
        partial = kernels @ feat.flatten(2)
        maps = F.fold(partial.float(), feat.shape[2:], kernel_size=3, padding=1)
        if self.repeats_border:
            maps = maps[..., 1:-1, 1:-1]
        return (maps + self.bias[classes][..., None, None]).sigmoid()


def repeat_border(feat: Tensor, high: int = 1, wide: int = 1) -> Tensor:
    """``(N, C, h, w)`` -> ``(N, C, h + 2 high, w + 2 wide)``, the border's places again.

    Of ``F.pad``'s `'replicate'` not every version of torch has a deterministic gradient on a
    GPU; this, the same, has.
    """
    top, bottom = (
        edge.expand(-1, -1, high, -1) for edge in (feat[:, :, :1], feat[:, :, -1:])
    )
    feat = torch.cat([top, feat, bottom], 2)
    left, right = (
        edge.expand(-1, -1, -1, wide) for edge in (feat[..., :1], feat[..., -1:])
    )
    return torch.cat([left, feat, right], 3)
