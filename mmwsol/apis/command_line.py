"""What the command lines that look at images with a trained model have in common."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from mmengine.config import Config

from mmwsol.apis.box_selection import BoxSelection
from mmwsol.apis.box_writer import BoxWriter
from mmwsol.apis.boxes_of_map import BOXES
from mmwsol.apis.class_values import class_value, values_of_classes
from mmwsol.apis.inferencer import LocInferencer
from mmwsol.config_files import find_config
from mmwsol.config_options import add_config_options, apply_options
from mmwsol.io.formats import (
    BoxCollection,
    BoxFormat,
    CocoFormat,
    LabelStudioFormat,
    VOCFormat,
    YOLOFormat,
)
from mmwsol.io.formats.label_studio import LOCAL_FILES
from mmwsol.io.formats.placed_image import WAYS
from mmwsol.map_maker_option import add_map_maker_option, use_map_maker

FORMATS = [own.name for own in (CocoFormat, YOLOFormat, VOCFormat, LabelStudioFormat)]
SMALLEST = 0.01
LOWEST_SCORE = 0.01
"""What boxes of images have that are unlike those of any class."""
CLASS_OPTIONS = 'smallest', 'lowest_score'
OVERLAP = 0.7
"""True boxes of different classes rarely overlap as much."""


def add_model_arguments(parser: argparse.ArgumentParser) -> None:
    """Which model, and on what it runs."""
    parser.set_defaults(threshold='otsu')  # where no box is drawn
    parser.add_argument(
        'config', help='config that the model was trained with, or its name'
    )
    parser.add_argument('checkpoint', help='its checkpoint')
    parser.add_argument('--device', help='such as cuda:1; a GPU by default, if any')
    add_map_maker_option(parser)
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
        type=class_value,
        nargs='+',
        default=[],
        metavar='SHARE',
        help="with --boxes all: the share of the image that a box's region needs, 0.01 by "
        'default; for a class of its own, CLASS=SHARE',
    )
    parser.add_argument(
        '--lowest-score',
        type=class_value,
        nargs='+',
        default=[],
        metavar='SCORE',
        help='leaves out boxes below it, 0.01 by default, which is what images without any of '
        'the classes have; 0.3 cat=0.5 is 0.5 for cats and 0.3 for others',
    )
    parser.add_argument(
        '--overlap',
        type=share,
        default=OVERLAP,
        help='leaves out a box whose IoU with a better one of the image is above it, '
        'whatever their classes; 1 keeps all',
    )
    parser.add_argument(
        '--format',
        choices=FORMATS,
        default=CocoFormat.name,
        help='layout of the boxes, as docs/formats.md describes them',
    )
    parser.add_argument(
        '--images',
        choices=WAYS,
        default=WAYS[0],
        help='with --format yolo or voc: how images come into its folder; link is a hard '
        'link, or a copy where the disk has none',
    )
    parser.add_argument(
        '--image-url',
        default=LOCAL_FILES,
        metavar='PREFIX',
        help="with --format label-studio: what stands before each image's path",
    )
    parser.add_argument('--batch-size', type=int, default=8)
    parser.add_argument('--workers', type=int, default=2, help='to read images')


def share(text: str) -> float:
    """A number in [0, 1], for argparse."""
    one = class_value(text)
    if one.name is not None:
        raise argparse.ArgumentTypeError(
            f'Expected a number in [0, 1], but got {text!r}'
        )
    return one.value


def load_inferencer(args: argparse.Namespace) -> LocInferencer:
    """The model that the arguments name."""
    config = Config.fromfile(find_config(args.config))
    apply_options(config, args.cfg_options)
    if args.map_maker:
        use_map_maker(config, args.map_maker)
    return LocInferencer(config, args.checkpoint, args.device, threshold=args.threshold)


def smallest_shares(inferencer: LocInferencer, args: argparse.Namespace) -> np.ndarray:
    """The share of the image that regions of each class need, ``(K,)``."""
    names = class_names_of(inferencer)
    return values_of_classes(args.smallest, names, '--smallest', SMALLEST)


def class_names_of(inferencer: LocInferencer) -> list[str]:
    """Names of a model's classes, or their numbers where they have none."""
    return [
        str(name)
        for name in inferencer.classes or range(inferencer.model.head.num_classes)
    ]


def box_format(args: argparse.Namespace) -> BoxFormat:
    """The format that the arguments name."""
    if args.format == LabelStudioFormat.name:
        return LabelStudioFormat(args.image_url)
    if args.format == CocoFormat.name:
        return CocoFormat()
    return {own.name: own for own in (YOLOFormat, VOCFormat)}[args.format](args.images)


def outputs_in_folder(args: argparse.Namespace) -> list[tuple[BoxFormat, Path]]:
    """COCO's files in a folder, and another format's folder beside them."""
    outputs: list[tuple[BoxFormat, Path]] = [
        (CocoFormat('results.json'), args.out / 'predictions.json')
    ]
    if args.format != CocoFormat.name:
        outputs.append((box_format(args), args.out / args.format))
    return outputs


def box_writer(
    inferencer: LocInferencer,
    args: argparse.Namespace,
    root: str | Path,
    outputs: Sequence[tuple[BoxFormat, Path]],
    **info: str,
) -> BoxWriter:
    """What writes boxes and says which model and settings made them.

    Args:
        inferencer: The model.
        args: The arguments of :func:`add_model_arguments` and :func:`add_box_arguments`.
        root: The folder that file names are relative to.
        outputs: As for :class:`BoxWriter`.
        **info: What else is to be said.

    Raises:
        ValueError: The arguments name classes that the model does not have.
        OSError: Nothing can be written there.
    """
    names = class_names_of(inferencer)
    lowest = values_of_classes(args.lowest_score, names, '--lowest-score', LOWEST_SCORE)
    about = {name: str(getattr(args, name)) for name in ('config', 'checkpoint')}
    about |= dict(threshold=args.threshold, boxes=args.boxes, overlap=args.overlap)
    if args.map_maker:
        about['map_maker'] = args.map_maker
    about |= {key: ' '.join(map(str, getattr(args, key))) for key in CLASS_OPTIONS}
    found = BoxCollection(names, root, about | info, args.overlap)
    return BoxWriter(found, BoxSelection(lowest, args.overlap), outputs)


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
