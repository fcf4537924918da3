"""MobileNetV2 with a tap at 1/8 of the input and an output at 1/16."""

from mmpretrain.models import MobileNetV2
from mmpretrain.registry import MODELS
from torch import Tensor


@MODELS.register_module()
class TapMobileNetV2(MobileNetV2):
    """MobileNetV2 whose fourth layer keeps the resolution of the third.

    The same surgery as on the larger backbones (the paper has no MobileNetV2): one
    stride less, the tap before the last strided layer. Parameters keep the host's names
    and shapes. For a 224 x 224 input the tap is ``(N, 96, 28, 28)`` and the output
    ``(N, 1280, 14, 14)``.
    """

    # the host's table with stride 1 instead of 2 in the fourth row
    arch_settings = [
        [*row[:3], 1] if i == 3 else row
        for i, row in enumerate(MobileNetV2.arch_settings)
    ]
    TAP_LAYER = 'layer5'

    def train(self, mode: bool = True) -> 'TapMobileNetV2':
        super().train(mode)
        return self  # the host returns None

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """``(N, 3, H, W)`` -> tap ``(N, C, H/8, W/8)``, last ``(N, C', H/16, W/16)``."""
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
