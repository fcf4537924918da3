"""The foreground generator of background activation suppression."""

from mmpretrain.registry import MODELS
from torch import Tensor

from mmwsol.models.layers import MapGenerator
from mmwsol.models.layers.map_generator import PaddingMode
from mmwsol.models.necks.map_neck import MapNeck
from mmwsol.structures import Foreground


@MODELS.register_module()
class ForegroundGenerator(MapNeck):
    """Foreground maps from the tap.

    `Background Activation Suppression for Weakly Supervised Object Localization
    (CVPR 2022) <https://arxiv.org/abs/2112.00580>`_: ``M = sigmoid(conv3x3(F))``.

    Args:
        in_channels: Channels of the tap and of the backbone's deepest feature.
        num_maps: As for :class:`MapNeck`.
        normalize: As for :class:`MapGenerator`. BAS as published does not.
        padding_mode: As for :class:`MapGenerator`.
        **kwargs: As for :class:`HiddenConvs`.
    """

    def __init__(
        self,
        in_channels: tuple[int, int],
        num_maps: int,
        normalize: bool = False,
        padding_mode: PaddingMode = 'zeros',
        **kwargs,
    ) -> None:
        super().__init__(in_channels, num_maps, **kwargs)
        self.generator = MapGenerator(in_channels[0], num_maps, normalize, padding_mode)

    def forward(  # type: ignore[override]  # maps besides features
        self, feats: tuple[Tensor, Tensor]
    ) -> Foreground:
        """(F ``(N, C, h1, w1)``, ``(N, C', h2, w2)``) -> (F, refined), M."""
        return Foreground(super().forward(feats), (self.generator,))
