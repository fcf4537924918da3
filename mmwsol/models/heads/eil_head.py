"""Erasing integrated learning.

Shapes: ``N`` images, ``C`` channels; tap F on the grid ``h1, w1``, class maps on
``h2, w2``.
"""

import torch
import torch.nn.functional as F
from mmpretrain.registry import MODELS
from mmpretrain.structures import DataSample
from torch import Tensor

from mmwsol.models.frozen import unrecorded
from mmwsol.models.heads.cam_head import CAMHead
from mmwsol.models.layers.activity import activity
from mmwsol.structures import Context


@MODELS.register_module()
class EILHead(CAMHead):
    """CAM that learns to classify what is left without the most active places, too.

    `Erasing Integrated Learning: A Simple Yet Effective Approach for Weakly Supervised Object
    Localization (CVPR 2020) <https://doi.org/10.1109/CVPR42600.2020.00879>`_. The layers
    after the tap run twice in training, on the tap and on the erased tap, and both passes
    teach all layers. Of MEIL, erasing at several depths, the authors' code has one:
    ``deep_weight`` is a reconstruction.

    Args:
        num_classes: ``K``.
        in_channels: ``C`` of the deepest feature.
        erased_weight: sigma, weight of the erased tap's cross entropy; 1 in the paper.
        deep_weight: Weight of the cross entropy of the erased deepest feature, a second
            depth as in MEIL; 0 is EIL.
        gamma: Places whose activity, the mean over channels, is at least this share of the
            image's highest are erased; 0.7 in the paper.
        pool_size: Side of the max-pool that the layers after the tap start with, 1 where
            they start otherwise: activity is that of the pooled tap, as in the paper.
        **kwargs: As for :class:`CAMHead`.
    """

    reads_tail = True

    def __init__(
        self,
        num_classes: int,
        in_channels: int,
        erased_weight: float = 1.0,
        deep_weight: float = 0.0,
        gamma: float = 0.7,
        pool_size: int = 2,
        **kwargs,
    ) -> None:
        super().__init__(num_classes, in_channels, **kwargs)
        if not 0 < gamma <= 1:
            raise ValueError(
                f'Expected `model.head.gamma` to be above 0 and at most 1, but got {gamma}.'
            )
        if pool_size < 1:
            raise ValueError(
                f'Expected `model.head.pool_size` to be at least 1, but got {pool_size}.'
            )
        self.erased_weight = erased_weight
        self.deep_weight = deep_weight
        self.gamma = gamma
        self.pool_size = pool_size

    def loss(
        self,
        feats: tuple[Tensor, Tensor],
        data_samples: list[DataSample],
        context: Context,
    ) -> dict[str, Tensor]:
        """``CE(S) + sigma CE(S of the erased tap)``, a key for each term."""
        tap, deep = feats
        losses = super().loss(feats, data_samples, context)
        if self.erased_weight:
            kept = tap * less_active(tap, self.gamma, self.pool_size)
            scores = self.logits((unrecorded(context.tail)(kept),))
            losses['loss_erased'] = self.erased_weight * self.classification(
                scores, data_samples
            )
        if self.deep_weight:
            scores = self.logits((deep * less_active(deep, self.gamma),))
            losses['loss_erased_deep'] = self.deep_weight * self.classification(
                scores, data_samples
            )
        return losses


@torch.no_grad()
def less_active(feat: Tensor, gamma: float, pool_size: int = 1) -> Tensor:
    """The places that are not erased, ``(N, 1, h, w)`` bool.

    Args:
        feat: ``(N, C, h, w)``.
        gamma: The share of the image's highest activity that a place must stay below.
        pool_size: Side of the squares that are kept or erased together, by the activity of
            their max-pooled feature. Of features that are nowhere negative, pooling what is
            left is erasing of what is pooled.
    """
    strength = activity(F.max_pool2d(feat, pool_size))
    less = strength < gamma * strength.amax((2, 3), keepdim=True)
    # a rest at the border, narrower than a square, is not pooled and stays
    rest = (feat.shape[3] % pool_size, feat.shape[2] % pool_size)
    less = less.repeat_interleave(pool_size, 2).repeat_interleave(pool_size, 3)
    return F.pad(less, (0, rest[0], 0, rest[1]), value=True)
