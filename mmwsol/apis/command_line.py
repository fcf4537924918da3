"""What the command lines that look at images with a trained model have in common."""

import argparse

from mmengine.config import Config, DictAction

from mmwsol.apis.boxes_of_map import BOXES
from mmwsol.apis.inferencer import LocInferencer


def add_model_arguments(parser: argparse.ArgumentParser) -> None:
    """Which model, and on what it runs."""
    parser.add_argument('config', help='config that the model was trained with')
    parser.add_argument('checkpoint', help='its checkpoint')
    parser.add_argument('--device', help='such as cuda:1; a GPU by default, if any')
    parser.add_argument(
        '--cfg-options', nargs='+', action=DictAction, help='settings to override'
    )


def add_box_arguments(parser: argparse.ArgumentParser) -> None:
    """Which boxes of a map, and how many images at once."""
    parser.add_argument(
        '--threshold',
        default='otsu',
        help="share of a map's maximum above which it is the object, in [0, 1); a JSON "
        'file of tools/test.py --out for the one that was best there; or otsu (default), '
        'which finds one for each map',
    )
    parser.add_argument(
        '--boxes', choices=BOXES, default='largest', help='one box an image, or all'
    )
    parser.add_argument(
        '--smallest',
        type=float,
        default=0.01,
        help="with --boxes all: share of the image that a box's region needs",
    )
    parser.add_argument('--batch-size', type=int, default=8)
    parser.add_argument('--workers', type=int, default=2, help='that read images')


def load_inferencer(args: argparse.Namespace) -> LocInferencer:
    """The model that the arguments name."""
    config = Config.fromfile(args.config)
    config.merge_from_dict(args.cfg_options or {})
    threshold = getattr(args, 'threshold', 'otsu')
    return LocInferencer(config, args.checkpoint, args.device, threshold=threshold)
