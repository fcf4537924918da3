"""Attention-based dropout.

Shapes: ``N`` images, ``C`` channels, ``h, w`` grid.
"""

import torch
from mmpretrain.registry import MODELS
from torch import Tensor, nn

from mmwsol.models.layers.activity import activity


@MODELS.register_module()
class ADL(nn.Module):
    """Hides the most active pixels of a feature, or weights all by their activity's sigmoid.

    `Attention-based Dropout Layer for Weakly Supervised Object Localization (CVPR 2019)
    <https://arxiv.org/abs/1908.10028>`_. A plugin between layers; identity in evaluation.
    One of the two is drawn for the whole batch at every call.

    Args:
        drop_rate: Probability of hiding; 0.75 in the paper.
        gamma: Pixels whose :func:`activity`, the mean over channels, is at least this share of the
            image's highest count as most active; 0.9 in the paper.
    """

    def __init__(self, drop_rate: float = 0.75, gamma: float = 0.9) -> None:
        super().__init__()
        if not 0 <= drop_rate <= 1:
            raise ValueError(
                f'Expected `drop_rate` of ADL to be in [0, 1], but got {drop_rate}.'
            )
        self.drop_rate = drop_rate
        self.gamma = gamma

    def forward(self, feat: Tensor) -> Tensor:
        """``(N, C, h, w)`` -> the same shape."""
        if not self.training:
            return feat
        attention = activity(feat)
        if torch.rand(()) < self.drop_rate:
            return feat * (attention < self.gamma * attention.amax((2, 3), True))
        return feat * attention.sigmoid()

    def extra_repr(self) -> str:
        return f'drop_rate={self.drop_rate}, gamma={self.gamma}'
