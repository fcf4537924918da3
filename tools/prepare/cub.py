"""Checks a download of CUB-200-2011.

1. Download CUB_200_2011.tgz (1.1 GB) from https://data.caltech.edu/records/65de6-vp158
2. Unpack it:  mkdir -p data && tar xf CUB_200_2011.tgz -C data
3. Check it:   python tools/prepare/cub.py
4. Train:      python tools/train.py configs/pnsc/resnet50_cub.py

The folder must look like this:

    data/CUB_200_2011/
        images/001.Black_footed_Albatross/*.jpg, ... (200 folders, 11788 images)
        images.txt  classes.txt  image_class_labels.txt
        train_test_split.txt  bounding_boxes.txt
"""

import argparse
from collections import Counter
from pathlib import Path

from mmwsol.command import run_tool
from mmwsol.datasets import CUBLoc
from mmwsol.datasets.checking import Findings, check_archive, check_images

EXPECTED = dict(classes=200, images=11788, train=5994, test=5794)
# what loaders that download it from data.caltech.edu compare it with
MD5 = {'CUB_200_2011.tgz': '97eceeb196236b17998738112f37df78'}


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        'folder', type=Path, nargs='?', default=Path('data/CUB_200_2011')
    )
    parser.add_argument(
        '--thorough', action='store_true', help='decode every image: minutes'
    )
    parser.add_argument('--workers', type=int, default=2, help='threads')
    parser.add_argument(
        '--archive', type=Path, help='compare the MD5 of CUB_200_2011.tgz as well'
    )
    return parser.parse_args(argv)


def check(args: argparse.Namespace, found: Findings) -> None:
    root = str(args.folder)
    dataset = CUBLoc(data_root=root, split='test', test_mode=True, lazy_init=True)
    try:
        classes, records = dataset.read_classes(), dataset.read_records()
    except (FileNotFoundError, ValueError) as error:
        found.problem(str(error))
        return
    splits = Counter(record.is_train for record in records)
    found.count('classes', len(classes), EXPECTED['classes'])
    found.count('images in images.txt', len(records), EXPECTED['images'])
    found.count('training images', splits[True], EXPECTED['train'])
    found.count('test images', splits[False], EXPECTED['test'])
    damaged, outside = check_images(
        records, args.folder / 'images', found, args.thorough, workers=args.workers
    )
    if damaged:
        found.problem(f'{len(damaged)} images are damaged:', damaged)
    if outside:
        found.note(
            f'{len(outside)} boxes leave their images and are clipped (the official data '
            'has two):',
            outside,
        )


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    found = Findings()
    if args.archive:
        check_archive(args.archive, MD5, found)
    check(args, found)
    return found.close(
        'Next: python tools/train.py configs/pnsc/resnet50_cub.py',
        'Download or unpack again: python tools/prepare/cub.py --help',
    )


if __name__ == '__main__':
    run_tool(main)
