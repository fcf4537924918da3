"""MobileNetV2 with tap and output at 1/16 of the input."""

from mmpretrain.models import MobileNetV2
from mmpretrain.registry import MODELS
from torch import Tensor

from mmwsol.models.backbones.tap import TapMixin


@MODELS.register_module()
class TapMobileNetV2(TapMixin, MobileNetV2):
    """MobileNetV2 whose last layers keep the tap's resolution.

    The sixth layer has stride 1 instead of 2; the tap is the fifth layer's output, as
    deep in the network as the larger backbones' (the paper has no MobileNetV2).
    Parameters keep the host's names and shapes. For a 224 x 224 input the tap is
    ``(N, 96, 14, 14)`` and the output ``(N, 1280, 14, 14)``.
    """

    # the host's table with stride 1 in the sixth row
    arch_settings = [
        [*row[:3], 1] if i == 5 else row
        for i, row in enumerate(MobileNetV2.arch_settings)
    ]
    TAP_LAYER = 'layer5'

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """``(N, 3, H, W)`` -> tap ``(N, C, H/16, W/16)``, last ``(N, C', H/16, W/16)``."""
        x = self.conv1(x)
        for name in self.layers[: self._after_tap]:
            x = getattr(self, name)(x)
        return x, self.tail(x)

    def tail(self, tap: Tensor) -> Tensor:
        """The layers after the tap."""
        for name in self.layers[self._after_tap :]:
            tap = getattr(self, name)(tap)
        return tap

    @property
    def _after_tap(self) -> int:
        return self.layers.index(self.TAP_LAYER) + 1
