"""The option ``--map-maker`` of all tools that make maps."""

import argparse

from mmengine.config import Config
from mmpretrain.registry import MODELS

from mmwsol.models import MapMaker


def add_map_maker_option(parser: argparse.ArgumentParser) -> None:
    """Adds the option to a command line.

    Args:
        parser: The command line.
    """
    parser.add_argument(
        '--map-maker',
        metavar='NAME',
        help="what makes the maps in place of the model's head, of any that "
        'docs/map_makers.md lists, such as BagCAMs; its layer is --cfg-options '
        'model.map_maker.layer=backbone.layer3',
    )


def use_map_maker(config: Config, name: str) -> None:
    """Has a config's model make its maps so.

    Args:
        config: The config; its options have been applied.
        name: The registered name of a :class:`mmwsol.models.MapMaker`.

    Raises:
        ValueError: There is none of that name.
    """
    known = [
        own
        for own, kind in MODELS.module_dict.items()
        if isinstance(kind, type) and issubclass(kind, MapMaker)
    ]
    if name not in known:
        raise ValueError(
            f'Expected --map-maker to be one of {", ".join(sorted(known))}, but got {name!r}.'
        )
    config.model.map_maker = {**(config.model.get('map_maker') or {}), 'type': name}
    if 'map_classes' in config.model.head:
        config.model.head.map_classes = 'gt'  # maps are of one class each
