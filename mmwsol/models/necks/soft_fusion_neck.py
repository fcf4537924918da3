"""The two foreground generators of soft fusion."""

from mmpretrain.registry import MODELS
from torch import Tensor

from mmwsol.models.layers import MapGenerator
from mmwsol.models.layers.map_generator import PaddingMode
from mmwsol.models.necks.map_neck import MapNeck
from mmwsol.structures import Foreground


@MODELS.register_module()
class SoftFusionNeck(MapNeck):
    """Foreground maps from a shallow and a deep feature.

    Feature soft fusion and positive-negative sample contrast for weakly supervised
    object localization (Electronic Measurement Technology 2025,
    DOI 10.19651/j.cnki.emt.2517997), section 1.2: ``M = Select(sigmoid(conv(F)))`` for
    the tap F1 (Eq. 2) and for the feature F2 that enters the network's last convolution
    (Eq. 3). `Select` is the head's, which knows the labels.

    Args:
        in_channels: Channels of the tap and of the backbone's deepest feature.
        num_maps: As for :class:`MapNeck`.
        normalize: As for :class:`MapGenerator`, of both.
        padding_mode: As for :class:`MapGenerator`, of both.
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
        self.shallow_generator, self.deep_generator = (
            MapGenerator(channels, num_maps, normalize, padding_mode)
            for channels in (in_channels[0], self.out_channels)
        )

    def forward(  # type: ignore[override]  # maps besides features
        self, feats: tuple[Tensor, Tensor]
    ) -> Foreground:
        """(F1 ``(N, C, h1, w1)``, ``(N, C', h2, w2)``) -> (F1, F2), M1 and M2."""
        generators = (self.shallow_generator, self.deep_generator)
        return Foreground(super().forward(feats), generators)
