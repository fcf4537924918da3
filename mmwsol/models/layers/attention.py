"""Attention inside the backbone that hides what it likes best and what it likes least.

Shapes: ``N`` images, ``C`` channels, ``D`` embedding channels, ``h, w`` grid.
"""

import torch
import torch.nn.functional as F
from mmcv.cnn.bricks import NonLocal2d
from mmpretrain.registry import MODELS
from torch import Tensor, nn

from mmwsol.functional import minmax_normalize
from mmwsol.models.layers.activity import activity
from mmwsol.models.plugins import AttentionLayer
from mmwsol.structures import Attended

# No code was published: these are this project's, not tuned.
EMBED_CHANNELS = 128
DROP_ABOVE = 0.9
"""Attention above it is hidden, the most discriminative region."""
FOREGROUND_ABOVE = 0.5
BACKGROUND_BELOW = 0.2
"""Attention below it is background, and hidden too."""


@MODELS.register_module()
class InSampleAttention(AttentionLayer):
    """Non-local attention with dropout of its peak and of the background.

    `In-sample Contrastive Learning and Consistent Attention for Weakly Supervised Object
    Localization (ACCV 2020) <https://arxiv.org/abs/2009.12063>`_. A plugin between layers;
    identity in evaluation. Thresholds, rate and width are this project's, as is the rule
    that the non-local block shapes the attention and not the feature that goes on.

    Args:
        in_channels: ``C``.
        drop_rate: Probability, for the whole batch at every call, of hiding instead of
            weighting by the attention.
    """

    def __init__(self, in_channels: int, drop_rate: float = 0.75) -> None:
        super().__init__()
        self.drop_rate = drop_rate
        # starts as the identity, so that the attention starts as the channels' mean
        self.non_local = NonLocal2d(
            in_channels, reduction=2, conv_cfg=dict(type='Conv2d')
        )
        self.embedding = nn.Conv2d(in_channels, EMBED_CHANNELS, kernel_size=1)

    def forward(self, feat: Tensor) -> Tensor | Attended:
        """``(N, C, h, w)`` -> the same in evaluation, :class:`Attended` in training."""
        if not self.training:
            return feat
        enhanced = self.non_local(feat)
        strength = activity(enhanced)
        attention = minmax_normalize(strength)
        above = attention > DROP_ABOVE
        below = attention < BACKGROUND_BELOW
        if torch.rand(()) < self.drop_rate:
            passed = feat * ~(above | below)
        else:
            passed = feat * strength.sigmoid()
        foreground = attention > FOREGROUND_ABOVE
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
