"""Convolutions between a backbone and its class convolution."""

from mmengine.model import BaseModule
from mmpretrain.registry import MODELS
from torch import Tensor, nn


@MODELS.register_module()
class HiddenConvs(BaseModule):
    """A stack of 3 x 3 convolutions with ReLU on the deepest feature.

    WSOL networks replace the fully connected layers of a classifier by convolutions;
    `BAS (CVPR 2022) <https://arxiv.org/abs/2112.00580>`_ uses two with 1024 channels.

    Args:
        in_channels: Channels of the tap and of the deepest feature.
        hidden_channels: Channels of each convolution.
        num_convs: 0 passes the deepest feature on unchanged.
    """

    def __init__(
        self,
        in_channels: tuple[int, int],
        hidden_channels: int = 1024,
        num_convs: int = 2,
        init_cfg: dict | list | None = None,
    ) -> None:
        if init_cfg is None:
            init_cfg = dict(type='Xavier', layer='Conv2d', distribution='uniform')
        super().__init__(init_cfg)
        channels = [in_channels[-1]] + [hidden_channels] * num_convs
        self.hidden = nn.Sequential()
        for before, after in zip(channels, channels[1:]):
            self.hidden.append(nn.Conv2d(before, after, kernel_size=3, padding=1))
            self.hidden.append(nn.ReLU(inplace=True))
        self.out_channels = channels[-1]

    def refine(self, deep: Tensor) -> Tensor:
        """``(N, C', h, w)`` -> ``(N, out_channels, h, w)``."""
        return self.hidden(deep)

    def forward(self, feats: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """Replaces the last of the features by its refinement."""
        return *feats[:-1], self.refine(feats[-1])
