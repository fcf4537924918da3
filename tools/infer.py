"""Finds what is in images and where: pictures and boxes for a file or a folder.

python tools/infer.py photos/ configs/pnsc/resnet50_cub.py epoch_100.pth --out found/

writes into found/: pictures/ (each image under its map, with boxes, class and score),
contact_sheet.jpg (all of them, in pages, the least certain first), look_first.csv (the same
as a list, with reasons) and predictions.json (boxes in COCO's layout, in each image's own
pixels); --format yolo, voc or label-studio adds a folder of that layout. An image that cannot
be read, or a file that cannot be written, is named at the end. A run that is cut off keeps
what it found so far.
"""

import argparse
from pathlib import Path

import numpy as np

from mmwsol.apis.command_line import (
    add_box_arguments,
    add_model_arguments,
    box_writer,
    load_inferencer,
    outputs_in_folder,
    smallest_shares,
)
from mmwsol.apis.found_folder import FoundFolder
from mmwsol.apis.inputs import list_images
from mmwsol.apis.look_through import LONGEST_SIDE, add_folder_arguments, look_through
from mmwsol.command import explained, run_tool
from mmwsol.interruption import Interruption


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('inputs', help='an image, or a folder with images below it')
    add_model_arguments(parser)
    add_box_arguments(parser)
    parser.add_argument(
        '--label', help='show the map of this class (name or number), not the predicted'
    )
    add_folder_arguments(parser)
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    with explained():
        inferencer = load_inferencer(args)
        images = [str(file) for file in list_images(args.inputs)]
        label = args.label
        if label and label.isdigit() and label not in (inferencer.classes or ()):
            label = int(label)
        smallest = smallest_shares(inferencer, args)
        stream = inferencer.stream(
            *(images, args.batch_size, args.workers, label, args.boxes),
            *(smallest, False),
        )
        folder = Path(args.inputs)
        root = folder if folder.is_dir() else folder.parent
        writer = box_writer(inferencer, args, root, outputs_in_folder(args))

        def draw(result: dict) -> np.ndarray:
            return inferencer.draw(result['image'], result, LONGEST_SIDE)

        found = FoundFolder(args, images, writer, draw)
    with Interruption() as interruption:
        return look_through(stream, found, interruption)


if __name__ == '__main__':
    run_tool(main)
