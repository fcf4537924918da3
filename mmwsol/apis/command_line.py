"""What the command lines that look at images with a trained model have in common."""

import argparse
from pathlib import Path

from mmengine.config import Config

from mmwsol.apis.boxes_of_map import BOXES
from mmwsol.apis.inferencer import LocInferencer
from mmwsol.config_files import find_config
from mmwsol.config_options import add_config_options, apply_options
from mmwsol.io.coco import CocoWriter


def add_model_arguments(parser: argparse.ArgumentParser) -> None:
    """Which model, and on what it runs."""
    parser.set_defaults(threshold='otsu')  # where no box is drawn
    parser.add_argument(
        'config', help='config that the model was trained with, or its name'
    )
    parser.add_argument('checkpoint', help='its checkpoint')
    parser.add_argument('--device', help='such as cuda:1; a GPU by default, if any')
    add_config_options(parser)


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
        help="with --boxes all: the share of the image that a box's region needs",
    )
    parser.add_argument('--batch-size', type=int, default=8)
    parser.add_argument('--workers', type=int, default=2, help='to read images')


def load_inferencer(args: argparse.Namespace) -> LocInferencer:
    """The model that the arguments name."""
    config = Config.fromfile(find_config(args.config))
    apply_options(config, args.cfg_options)
    return LocInferencer(config, args.checkpoint, args.device, threshold=args.threshold)


def coco_writer(
    inferencer: LocInferencer,
    args: argparse.Namespace,
    root: str | Path,
    lowest_score: float = 0.0,
    **info: str,
) -> CocoWriter:
    """A file of boxes that says which model and settings made them.

    Args:
        inferencer: The model.
        args: The arguments of :func:`add_model_arguments` and :func:`add_box_arguments`.
        root: What file names are relative to.
        lowest_score: Leaves out boxes below it.
        **info: What else is to be said.
    """
    settings = ('config', 'checkpoint', 'threshold', 'boxes')
    return CocoWriter(
        inferencer.classes or range(inferencer.model.head.num_classes),
        root,
        dict({name: getattr(args, name) for name in settings}, **info),
        lowest_score,
    )


def named(texts: list[str], what: str, form: str) -> dict[str, str]:
    """Texts of the form NAME=VALUE, taken apart.

    Args:
        texts: The texts.
        what: The name of the argument, for an error.
        form: What was expected, for an error.

    >>> named(['CAM=cam.json', 'PNSC=pnsc.json'], 'runs', 'NAME=FILE')
    {'CAM': 'cam.json', 'PNSC': 'pnsc.json'}
    """
    pairs = [text.partition('=') for text in texts]
    bad = [
        text for text, (name, _, value) in zip(texts, pairs) if not name or not value
    ]
    if bad:
        raise ValueError(f'Expected {what} as {form}, but got {bad[0]!r}.')
    names = [name for name, _, _ in pairs]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise ValueError(
            f'Expected {what} with a name each, but got {twice[0]!r} twice.'
        )
    return {name: value for name, _, value in pairs}
