"""Checks a download of OpenImages30k.

1. From https://github.com/clovaai/wsolevaluation, section OpenImages30k of its page,
   download the images and the segmentation masks, two archives.
2. Unpack both:        mkdir -p data/OpenImages && unzip -d data/OpenImages ARCHIVE
3. Copy the lists:     git clone https://github.com/clovaai/wsolevaluation
                       cp -r wsolevaluation/metadata/OpenImages data/OpenImages/metadata
4. Check it:           python tools/prepare/openimages.py
5. Train:              python tools/train.py configs/cam/resnet50_openimages.py

The folder must look like this:

    data/OpenImages/
        train/01226z/*.jpg, ... (100 folders, 29819 images)
        val/01226z/*.jpg, ...   (100 folders, 2500 images)
        test/01226z/*.jpg, ...  (100 folders, 5000 images)
            next to an image of val or test its masks: 7af766bd43da900b.jpg has
            7af766bd43da900b_m01226z_6554d965.png, ..., 7af766bd43da900b_ignore.png
        metadata/train/  image_ids.txt  class_labels.txt
        metadata/val/    the same, and localization.txt
        metadata/test/   the same, and localization.txt
"""

import argparse
from pathlib import Path

from mmwsol.command import run_tool
from mmwsol.datasets import OpenImagesLoc
from mmwsol.datasets.checking import Findings, check_files
from mmwsol.io.image_folders import is_left_behind

CLASSES = 100
EXPECTED = dict(train=29819, val=2500, test=5000)


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('folder', type=Path, nargs='?', default=Path('data/OpenImages'))
    parser.add_argument(
        '--metadata', default='metadata', help='folder of the lists, below the other'
    )
    parser.add_argument(
        '--thorough', action='store_true', help='decode every image and mask: minutes'
    )
    parser.add_argument('--workers', type=int, default=2, help='threads')
    return parser.parse_args(argv)


def check_split(split: str, args: argparse.Namespace, found: Findings) -> None:
    options = dict(metadata=args.metadata, lazy_init=True, test_mode=True)
    dataset = OpenImagesLoc(data_root=str(args.folder), split=split, **options)
    classes, records = dataset.read_classes(), dataset.read_records()
    found.count(f'{split}: classes', len(classes), CLASSES)
    found.count(f'{split}: images listed', len(records), EXPECTED[split])
    options = args.folder, found, args.thorough, args.workers
    check_files(f'{split} images', [r.path for r in records], *options)
    if split == 'train':
        return
    masks = [name for r in records for pair in r.masks for name in pair if name]
    found.say(f'{split}: masks listed', len(masks))
    check_files(f'{split} masks', masks, *options)
    without = [r.path for r in records if not r.masks]
    if without:
        found.problem(f'{len(without)} {split} images have no mask:', without)
    files = (args.folder / split).glob('*/*.png')
    strays = {
        str(file.relative_to(args.folder))
        for file in files
        if not is_left_behind(file.name)
    } - set(masks)
    if strays:
        what = f'{len(strays)} masks in {split} belong to no listed image:'
        found.note(what, sorted(strays))


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    found = Findings()
    for split in EXPECTED:
        try:
            check_split(split, args, found)
        except (FileNotFoundError, ValueError) as error:
            found.problem(str(error))
    return found.close(
        'Next: python tools/train.py configs/cam/resnet50_openimages.py',
        'How it must look: python tools/prepare/openimages.py --help',
    )


if __name__ == '__main__':
    run_tool(main)
