"""What necks with map generators have in common."""

from mmwsol.models.necks.hidden_convs import HiddenConvs


class MapNeck(HiddenConvs):
    """Base of necks that give :class:`mmwsol.structures.Foreground`.

    Args:
        in_channels: Channels of the tap and of the backbone's deepest feature.
        num_maps: Maps of each generator: one for each class, the default of
            :class:`Localizer`, or 1.
        **kwargs: As for :class:`HiddenConvs`.
    """

    def __init__(self, in_channels: tuple[int, int], num_maps: int, **kwargs) -> None:
        super().__init__(in_channels, **kwargs)
        self.num_maps = num_maps
