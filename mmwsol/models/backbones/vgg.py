"""VGG with a tap at 1/8 of the input and an output at 1/16."""

from mmpretrain.models import VGG
from mmpretrain.registry import MODELS
from torch import Tensor, nn

from mmwsol.models.backbones.tap import TapMixin, ignore_keys


@MODELS.register_module()
class TapVGG(TapMixin, VGG):
    """VGG tapped before its fourth pool, without its fifth and its classifier.

    The surgery of `BAS (CVPR 2022) <https://arxiv.org/abs/2112.00580>`_. For a
    224 x 224 input the tap (relu4_3 in VGG-16) is ``(N, 512, 28, 28)`` and the output
    (relu5_3) ``(N, 512, 14, 14)``. Checkpoints of the host's classifier load: their
    fully connected layers are left out.
    """

    def __init__(self, depth: int, **kwargs) -> None:
        super().__init__(depth, with_last_pool=False, **kwargs)
        ignore_keys(self, 'classifier.')

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """``(N, 3, H, W)`` -> tap ``(N, 512, H/8, W/8)``, last ``(N, 512, H/16, W/16)``."""
        tap = self.features[: self._pool4](x)
        return tap, self.tail(tap)

    def tail(self, tap: Tensor) -> Tensor:
        """The layers after the tap, from the fourth pool on."""
        return self.features[self._pool4 :](tap)

    @property
    def _pool4(self) -> int:
        pools = [
            i
            for i, layer in enumerate(self.features)
            if isinstance(layer, nn.MaxPool2d)
        ]
        return pools[-1]
