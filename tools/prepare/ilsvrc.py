"""Checks a download of ILSVRC-2012 with its localisation boxes.

1. Register at https://image-net.org/download and download, from the page of ILSVRC2012,
   ILSVRC2012_img_train.tar (138 GB), ILSVRC2012_img_val.tar (6.3 GB) and
   ILSVRC2012_bbox_val_v3.tgz (2.2 MB).
2. Unpack them, and the 1000 archives in the first:
       mkdir -p data/imagenet/train data/imagenet/val data/imagenet/bboxes
       tar xf ILSVRC2012_img_train.tar -C data/imagenet/train
       for t in data/imagenet/train/*.tar; do
           mkdir "${t%.tar}" && tar xf "$t" -C "${t%.tar}" && rm "$t"; done
       tar xf ILSVRC2012_img_val.tar -C data/imagenet/val
       tar xf ILSVRC2012_bbox_val_v3.tgz -C data/imagenet/bboxes
3. Check it:   python tools/prepare/ilsvrc.py
4. Train:      python tools/train.py configs/pnsc/resnet50_ilsvrc.py

The folder must look like this; nothing is moved or renamed:

    data/imagenet/
        train/n01440764/*.JPEG, ... (1000 folders, 1281167 images)
        val/ILSVRC2012_val_00000001.JPEG, ... (50000; or in folders such as n01440764)
        bboxes/val/ILSVRC2012_val_00000001.xml, ... (50000)

The folder ILSVRC of Kaggle's archive (imagenet-object-localization-challenge) is read as it
is, too: python tools/prepare/ilsvrc.py FOLDER/ILSVRC
"""

import argparse
from collections import Counter
from pathlib import Path

from mmwsol.command import run_tool
from mmwsol.datasets import ImageNetLoc
from mmwsol.datasets.checking import Findings, check_archive, check_images
from mmwsol.io.image_folders import is_left_behind

EXPECTED = dict(classes=1000, train=1281167, val=50000, smallest=732)
# as the download page lists them
MD5 = {
    'ILSVRC2012_img_train.tar': '1d675b47d978889d74fa0da5fadfb00e',
    'ILSVRC2012_img_val.tar': '29b22e2961454d5413ddabcf34fc5622',
    'ILSVRC2012_bbox_val_v3.tgz': 'f4cd18b5ea29fe6bbea62ec9c20d80f0',
}


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('folder', type=Path, nargs='?', default=Path('data/imagenet'))
    parser.add_argument(
        '--thorough', action='store_true', help='decode every image: hours'
    )
    parser.add_argument('--workers', type=int, default=8, help='threads')
    parser.add_argument(
        '--archive', type=Path, nargs='+', default=[], help='compare MD5s as well'
    )
    return parser.parse_args(argv)


def check_train(args: argparse.Namespace, found: Findings) -> None:
    dataset = ImageNetLoc(data_root=str(args.folder), lazy_init=True)
    classes = dataset.read_classes()
    archives = dataset.source(f'{dataset.image_folder}train').glob('*.tar')
    archives = sorted(file.name for file in archives)
    if archives:
        found.problem(f'{len(archives)} archives in train to unpack:', archives)
    found.count('classes', len(classes), EXPECTED['classes'])
    records = dataset.read_records()
    found.count('training images', len(records), EXPECTED['train'])
    counts = Counter(record.label for record in records)
    few = [f'{name}: {counts[i]}' for i, name in enumerate(classes)]
    few = [line for i, line in enumerate(few) if counts[i] < EXPECTED['smallest']]
    if few:
        found.problem(
            f'{len(few)} classes have fewer than {EXPECTED["smallest"]} images, the '
            'fewest that an official one has:',
            few,
        )
    report(records, args, found)


def check_val(args: argparse.Namespace, found: Findings) -> None:
    dataset = ImageNetLoc(
        data_root=str(args.folder), split='test', test_mode=True, lazy_init=True
    )
    records = dataset.read_records()
    found.count('validation annotations', len(records), EXPECTED['val'])
    named = {Path(record.path).stem for record in records}
    names = [f'ILSVRC2012_val_{i:08d}' for i in range(1, EXPECTED['val'] + 1)]
    without = [f'{name}.xml' for name in names if name not in named]
    if without:
        found.problem(f'{len(without)} annotations are missing:', without)
    images = dataset.source(f'{dataset.image_folder}val').rglob('*.JPEG')
    count = sum(not is_left_behind(image.name) for image in images)
    found.count('validation images', count, EXPECTED['val'])
    found.say('boxes', sum(len(record.boxes) for record in records))
    outside = report(records, args, found)
    if outside:
        found.note(f'{len(outside)} boxes leave their images and are clipped:', outside)


def report(records: list, args: argparse.Namespace, found: Findings) -> list[str]:
    """Names missing and damaged images; gives the boxes outside their images."""
    damaged, outside = check_images(
        records, args.folder, found, args.thorough, workers=args.workers
    )
    if damaged:
        found.problem(f'{len(damaged)} images are damaged:', damaged)
    return outside


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    found = Findings()
    for archive in args.archive:
        check_archive(archive, MD5, found)
    for check in (check_train, check_val):
        try:
            check(args, found)
        except (FileNotFoundError, ValueError) as error:
            found.problem(str(error))
    return found.close(
        'Next: python tools/train.py configs/pnsc/resnet50_ilsvrc.py '
        f'(with data_root={args.folder}, unless that is where it looks)',
        'How it must look: python tools/prepare/ilsvrc.py --help',
    )


if __name__ == '__main__':
    run_tool(main)
