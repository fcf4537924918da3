"""Boxes for a folder of photographs, from what they have in common. Nothing is trained.

python tools/boxes.py photos/ --out found/        (mmwsol boxes photos/, in any folder)

Folders in photos/ are classes:

    photos/cat/*.jpg   photos/dog/*.jpg

Without folders all photographs are of one kind of thing. found/ is filled with pictures/
(each photograph under its map, with its box), contact_sheet.jpg (all of them, in pages, the
least certain first), look_first.csv (the same as a list, with reasons) and predictions.json
(boxes in COCO's layout, in each photograph's own pixels); --format yolo, voc or label-studio
adds a folder of that layout. Look at the sheet: what is common to all photographs of a class
may be its background.
"""

import argparse
import os
from pathlib import Path

import numpy as np
from mmengine.config import Config

from mmwsol.apis.colocalizer import Colocalizer
from mmwsol.apis.command_line import (
    add_box_arguments,
    box_writer,
    outputs_in_folder,
    smallest_shares,
)
from mmwsol.apis.found_folder import FoundFolder
from mmwsol.apis.inputs import list_images
from mmwsol.apis.look_through import LONGEST_SIDE, add_folder_arguments, look_through
from mmwsol.command import complain, explained, run_tool
from mmwsol.config_files import find_config
from mmwsol.config_options import add_config_options, apply_options
from mmwsol.datasets.evenly import FITTED_ON, evenly_of_each
from mmwsol.engine.checkpoints import install_safe_loading
from mmwsol.interruption import Interruption
from mmwsol.io.image_folders import find_folders
from mmwsol.progress import progress


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        'folder', type=Path, help='with photographs, or a folder of each'
    )
    parser.add_argument(
        '--config',
        default='ddt/resnet50_custom',
        help='a config of DDT, or its name; ddt/mobilenetv2_custom is four times as fast',
    )
    parser.add_argument(
        '--weights',
        help="file with the backbone's weights, in place of the model zoo's",
    )
    parser.add_argument('--device', help='such as cuda:1; a GPU by default, if any')
    add_config_options(parser)
    add_box_arguments(parser)
    add_folder_arguments(parser)
    args = parser.parse_args(argv)
    args.checkpoint = args.weights or 'of the model zoo'
    args.map_maker = None  # the maps are DDT's
    return args


def load_config(args: argparse.Namespace) -> Config:
    """The config with the weights that the arguments name."""
    install_safe_loading()
    config = Config.fromfile(find_config(args.config))
    if args.weights:
        config.model.backbone.init_cfg.checkpoint = args.weights
    apply_options(config, args.cfg_options)
    return config


def classes_of(files: list[str], folder: Path) -> tuple[list[str], list[int]]:
    """Names of the classes, and the class of each file: the first folder on its way.

    Raises:
        ValueError: Some files are in folders and some are not.
    """
    parts = [Path(os.path.relpath(file, folder)).parts for file in files]
    bare = [file for file, own in zip(files, parts) if len(own) == 1]
    if len(bare) == len(files):
        return ['object'], [0] * len(files)
    if bare:
        raise ValueError(
            f'Expected each photograph in the folder of its class, or no folders at all, in '
            f'{folder}, but got {len(bare)} beside the folders, the first: {bare[0]}.'
        )
    names = sorted({own[0] for own in parts})
    return names, [names.index(own[0]) for own in parts]


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    with explained():
        if not args.folder.is_dir():
            raise ValueError(f'Expected a folder, but got {args.folder}.')
        files = [str(file) for file in list_images(args.folder)]
        names, labels = classes_of(files, args.folder)
        empty = sorted(set(find_folders(args.folder)[0]) - set(names))
        complain('No class is made of folders without images', empty)
        finder = Colocalizer(
            load_config(args), names, args.device, threshold=args.threshold
        )
        smallest = smallest_shares(finder, args)
        outputs = outputs_in_folder(args)
        writer = box_writer(finder, args, args.folder, outputs)

        def draw(result: dict) -> np.ndarray:
            return finder.draw(result['image'], result, LONGEST_SIDE)

        folder = FoundFolder(args, files, writer, draw)
    with Interruption() as interruption:
        fit = finder.fit(files, labels, args.batch_size, args.workers)
        with explained():
            count = len(evenly_of_each(labels, FITTED_ON))
            for _ in interruption.until(progress(fit, 'looking', count)):
                pass
        stream = finder.stream(
            *(files, args.batch_size, args.workers, labels, args.boxes),
            smallest=smallest,
            full_size=False,
        )
        return look_through(stream, folder, interruption)


if __name__ == '__main__':
    run_tool(main)
