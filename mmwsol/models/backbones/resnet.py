"""ResNet with a tap at 1/8 of the input and an output at 1/16."""

import torch.nn.functional as F
from mmpretrain.models import ResNet
from mmpretrain.registry import MODELS
from torch import Tensor

from mmwsol.models.backbones.tap import TapMixin


@MODELS.register_module()
class TapResNet(TapMixin, ResNet):
    """ResNet whose third stage keeps the resolution of the second.

    The surgery of `BAS (CVPR 2022) <https://arxiv.org/abs/2112.00580>`_: stages 3 and 4
    have stride 1, and a max-pool between them halves the grid. Parameters keep the
    host's names and shapes. For a 224 x 224 input and depth 50 the tap is
    ``(N, 1024, 28, 28)`` and the output ``(N, 2048, 14, 14)``.
    """

    def __init__(self, depth: int, **kwargs) -> None:
        kwargs.setdefault('strides', (1, 2, 1, 1))
        super().__init__(depth, **kwargs)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """``(N, 3, H, W)`` -> tap ``(N, C, H/8, W/8)``, last ``(N, C', H/16, W/16)``."""
        if self.deep_stem:
            x = self.stem(x)
        else:
            x = self.relu(self.norm1(self.conv1(x)))
        x = self.maxpool(x)
        for name in self.res_layers[:-1]:
            x = getattr(self, name)(x)
        return x, self.tail(x)

    def tail(self, tap: Tensor) -> Tensor:
        """The stages after the tap."""
        return getattr(self, self.res_layers[-1])(F.max_pool2d(tap, 2))
