"""Finds what is in images and where: pictures and boxes for a file or a folder.

python tools/infer.py photos/ configs/pnsc/resnet50_cub.py epoch_100.pth --out found/

writes into found/: pictures/ (each image under its map, with boxes, class and score),
contact_sheet.jpg (the first of them in one picture) and predictions.json (boxes in COCO's
layout, in each image's own pixels). An image that cannot be read is named at the end.
"""

import argparse
import sys
from pathlib import Path

import cv2
import numpy as np
from rich.progress import track

from mmwsol.apis.command_line import (
    add_box_arguments,
    add_model_arguments,
    coco_writer,
    explained,
    load_inferencer,
)
from mmwsol.apis.inputs import list_images
from mmwsol.visualization import mosaic


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('inputs', help='an image, or a folder with images below it')
    add_model_arguments(parser)
    parser.add_argument(
        '--out', type=Path, default=Path('found'), help='folder to fill'
    )
    add_box_arguments(parser)
    parser.add_argument(
        '--label', help='show the map of this class (name or number), not the predicted'
    )
    parser.add_argument(
        '--no-pictures', action='store_true', help='write the boxes alone'
    )
    parser.add_argument(
        '--sheet', type=int, default=24, help='pictures on the contact sheet'
    )
    return parser.parse_args(argv)


def picture_file(name: str, folder: Path) -> Path:
    """Where the picture of an image goes; two files of a name keep their endings apart."""
    return folder / Path(name).parent / f'{Path(name).name}.jpg'


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    with explained():
        inferencer = load_inferencer(args)
        images = list_images(args.inputs)
        label = args.label
        if label and label.isdigit() and label not in (inferencer.classes or ()):
            label = int(label)
        stream = inferencer.stream(
            images, args.batch_size, args.workers, label, args.boxes, args.smallest
        )
    folder = Path(args.inputs)
    root = folder if folder.is_dir() else folder.parent
    writer = coco_writer(inferencer, args, root)
    sheet: list[np.ndarray] = []
    try:
        for result in track(stream, 'images', total=len(images)):
            writer.add(result)
            if 'error' in result or args.no_pictures:
                continue
            picture = inferencer.draw(result['image'], result)
            file = picture_file(writer.name(result['image']), args.out / 'pictures')
            file.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(file), picture)
            if len(sheet) < args.sheet:
                sheet.append(picture)
    finally:  # what was found before an interruption is kept
        writer.write(args.out / 'predictions.json')
        if sheet:
            cv2.imwrite(str(args.out / 'contact_sheet.jpg'), mosaic(sheet))
    done, failed = len(writer.content['images']), writer.content['failed']
    boxes = len(writer.content['annotations'])
    print(f'{done} images, {boxes} boxes: {args.out / "predictions.json"}')
    if sheet:
        print(f'pictures: {args.out / "contact_sheet.jpg"}, {args.out / "pictures"}')
    if failed:
        print(
            f'{len(failed)} of {len(images)} files could not be read:', file=sys.stderr
        )
        for entry in failed:
            print(f'  {entry["error"]}', file=sys.stderr)
    return int(bool(failed))


if __name__ == '__main__':
    sys.exit(main())
