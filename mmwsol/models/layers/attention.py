"""Attention inside the backbone that hides what it likes best and what it likes least.

Shapes: ``N`` images, ``C`` channels, ``D`` embedding channels, ``h, w`` grid.
"""

import torch
import torch.nn.functional as F
from mmcv.cnn.bricks import NonLocal2d
from mmpretrain.registry import MODELS
from torch import Tensor, nn

from mmwsol.functional import minmax_normalize
from mmwsol.structures import Attended


@MODELS.register_module()
class InSampleAttention(nn.Module):
    """Non-local attention with dropout of its peak and of the background.

    `In-sample Contrastive Learning and Consistent Attention for Weakly Supervised Object
    Localization (ACCV 2020) <https://arxiv.org/abs/2009.12063>`_. A plugin between layers;
    identity in evaluation. No code was published: thresholds, rates and widths are this
    project's, as is the rule that the non-local block shapes the attention and not the
    feature that goes on.

    Args:
        in_channels: ``C``.
        embed_channels: ``D``.
        drop_rate: Probability, for the whole batch at every call, of hiding instead of
            weighting by the attention.
        drop_threshold: Attention above it is hidden, the most discriminative region.
        foreground_threshold: Attention above it is foreground.
        background_threshold: Attention below it is background, and hidden too.
        importance: Whether the feature is weighted when nothing is hidden.
    """

    SHOWS_ATTENTION = True

    def __init__(
        self,
        in_channels: int,
        embed_channels: int = 128,
        drop_rate: float = 0.75,
        drop_threshold: float = 0.9,
        foreground_threshold: float = 0.5,
        background_threshold: float = 0.2,
        importance: bool = True,
    ) -> None:
        super().__init__()
        if not 0 <= background_threshold <= foreground_threshold <= drop_threshold <= 1:
            raise ValueError(
                'Expected 0 <= `background_threshold` <= `foreground_threshold` <= '
                '`drop_threshold` <= 1 of InSampleAttention, but got '
                f'{background_threshold}, {foreground_threshold}, {drop_threshold}.'
            )
        self.drop_rate = drop_rate
        self.drop_threshold = drop_threshold
        self.foreground_threshold = foreground_threshold
        self.background_threshold = background_threshold
        self.importance = importance
        # starts as the identity, so that the attention starts as the channels' mean
        self.non_local = NonLocal2d(
            in_channels, reduction=2, conv_cfg=dict(type='Conv2d')
        )
        self.embedding = nn.Conv2d(in_channels, embed_channels, kernel_size=1)

    def forward(self, feat: Tensor) -> Tensor | Attended:
        """``(N, C, h, w)`` -> the same in evaluation, :class:`Attended` in training."""
        if not self.training:
            return feat
        enhanced = self.non_local(feat)
        activity = enhanced.mean(1, keepdim=True)
        attention = minmax_normalize(activity)
        above = attention > self.drop_threshold
        below = attention < self.background_threshold
        if torch.rand(()) < self.drop_rate:
            passed = feat * ~(above | below)
        else:
            passed = feat * activity.sigmoid() if self.importance else feat
        foreground = attention > self.foreground_threshold
        embedded = self.embedding(enhanced)
        regions = (foreground, foreground & ~above, below)
        vectors = [mean_over(embedded, region) for region in regions]
        return Attended(passed, attention, torch.stack(vectors, 1))


def mean_over(feat: Tensor, region: Tensor) -> Tensor:
    """Mean of ``(N, D, h, w)`` over a region ``(N, 1, h, w)``, of length 1: ``(N, D)``.

    An empty region gives zero.
    """
    total = (feat * region).sum((2, 3))
    return F.normalize(total / region.sum((2, 3)).clamp(min=1), dim=1)
