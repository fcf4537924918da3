"""Mutual supervision of a shallow and a deep foreground map.

Shapes: ``N`` images, ``M`` maps of an image, ``h1, w1`` shallow and ``h2, w2`` deep grid.
"""

import torch.nn.functional as F
from mmpretrain.registry import MODELS
from torch import Tensor, nn

from mmwsol.functional import to_grid


def soft_fusion_loss(
    shallow: Tensor, deep: Tensor, shallow_weight: float = 1.0, deep_weight: float = 1.5
) -> Tensor:
    """Each map is pulled towards the other, which is frozen and resized to its grid.

    The first two terms of Eq. 4: ``w1 mean((M1 - M2*)^2) + w2 mean((M1* - M2)^2)``, the
    star marking the frozen map. The second term is printed as ``(M2* - M2)^2``, which is
    zero; text and Fig. 2 of the paper say what is computed here.

    Args:
        shallow: M1, ``(N, M, h1, w1)`` in [0, 1].
        deep: M2, ``(N, M, h2, w2)`` in [0, 1].
        shallow_weight: w1.
        deep_weight: w2.

    >>> import torch
    >>> soft_fusion_loss(torch.full((1, 1, 2, 2), 0.5), torch.full((1, 1, 1, 1), 0.1))
    tensor(0.4000)
    """
    deep_target = to_grid(deep.detach(), shallow.shape[2:])
    shallow_target = to_grid(shallow.detach(), deep.shape[2:])
    return shallow_weight * F.mse_loss(shallow, deep_target) + deep_weight * F.mse_loss(
        deep, shallow_target
    )


@MODELS.register_module()
class SoftFusionLoss(nn.Module):
    """Eq. 4 of the paper: mutual supervision and the area of both maps.

    Feature soft fusion and positive-negative sample contrast for weakly supervised
    object localization (Electronic Measurement Technology 2025,
    DOI 10.19651/j.cnki.emt.2517997).

    Args:
        weights: (w1, w2) of :func:`soft_fusion_loss`; the paper's best are (1, 1.5).
        area_weights: Weights of the mean of M1 and of M2; 1 in the paper.
        loss_weight: Factor of mutual supervision, of both its terms; 1 in the paper. The
            paper does not say how heavy its other losses are.
    """

    def __init__(
        self,
        weights: tuple[float, float] = (1.0, 1.5),
        area_weights: tuple[float, float] = (1.0, 1.0),
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__()
        self.weights = tuple(weights)
        self.loss_weight = loss_weight
        self.area_weights = tuple(area_weights)

    def forward(self, shallow: Tensor, deep: Tensor) -> tuple[Tensor, Tensor]:
        """(mutual supervision, area), two scalars whose sum is Eq. 4 (``loss_weight`` 1)."""
        area = (
            self.area_weights[0] * shallow.mean() + self.area_weights[1] * deep.mean()
        )
        fusion = soft_fusion_loss(shallow, deep, *self.weights)
        return self.loss_weight * fusion, area
