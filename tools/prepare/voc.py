"""Checks a download of PASCAL VOC 2012.

1. Download VOCtrainval_11-May-2012.tar (2 GB), "training/validation data", from
   http://host.robots.ox.ac.uk/pascal/VOC/voc2012/
2. Unpack it:  mkdir -p data && tar xf VOCtrainval_11-May-2012.tar -C data
3. Check it:   python tools/prepare/voc.py
4. Train:      python tools/train.py configs/cam/resnet50_voc.py

The folder must look like this:

    data/VOCdevkit/VOC2012/
        JPEGImages/2007_000027.jpg, ...         (17125 images)
        Annotations/2007_000027.xml, ...        (one for each image)
        ImageSets/Main/{train,val}.txt          (5717 and 5823 names)
        ImageSets/Segmentation/{train,val}.txt  (1464 and 1449 names)
        SegmentationClass/2007_000032.png, ...  (2913 maps)

The test set's annotations were never published; papers test on the validation set.
"""

import argparse
from pathlib import Path

from mmwsol.command import run_tool
from mmwsol.datasets import VOCLoc
from mmwsol.datasets.checking import Findings, check_archive, check_files
from mmwsol.io.image_folders import is_left_behind

EXPECTED = {
    ('Main', 'train'): 5717,
    ('Main', 'val'): 5823,
    ('Segmentation', 'train'): 1464,
    ('Segmentation', 'val'): 1449,
}
FILES = {
    'JPEGImages/*.jpg': 17125,
    'Annotations/*.xml': 17125,
    'SegmentationClass/*.png': 2913,
}
MD5 = {'VOCtrainval_11-May-2012.tar': '6cd6e144f989b92b3379bac3b3de84fd'}


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        'folder', type=Path, nargs='?', default=Path('data/VOCdevkit/VOC2012')
    )
    parser.add_argument(
        '--thorough', action='store_true', help='decode every image and map: minutes'
    )
    parser.add_argument('--workers', type=int, default=2, help='threads')
    parser.add_argument(
        '--archive', type=Path, help='compare the MD5 of the downloaded archive as well'
    )
    return parser.parse_args(argv)


def check_list(task: str, name: str, args: argparse.Namespace, found: Findings) -> None:
    """A list, its annotations and images, and for segmentation its maps."""
    dataset = VOCLoc(
        data_root=str(args.folder),
        split='test',
        test_set=name,
        task=task,
        test_mode=True,
        lazy_init=True,
    )
    records = dataset.read_records()  # opens every annotation
    found.count(f'{task}/{name}', len(records), EXPECTED[task, name])
    options = found, args.thorough, args.workers
    if task == 'Main':
        found.say('  objects to find', sum(len(r.boxes) for r in records))
        unlabelled = sum(not r.labels for r in records)
        found.say('  images without a label', f'{unlabelled} (only difficult objects)')
        paths = [f'JPEGImages/{r.path}' for r in records]
        check_files(f'images of {task}/{name}', paths, args.folder, *options)
    else:
        paths = [f'SegmentationClass/{Path(r.path).stem}.png' for r in records]
        check_files(f'maps of {task}/{name}', paths, args.folder, *options)


def check_folders(args: argparse.Namespace, found: Findings) -> None:
    """Numbers of files, and files that lack their partner."""
    stems = {}
    for pattern, count in FILES.items():
        stems[pattern] = {
            file.stem
            for file in args.folder.glob(pattern)
            if not is_left_behind(file.name)
        }
        found.count(pattern, len(stems[pattern]), count)
    images, annotations, maps = stems.values()
    for what, lonely in (
        ('images have no annotation', images - annotations),
        ('annotations have no image', annotations - images),
        ('segmentation maps have no image', maps - images),
    ):
        if lonely:
            found.problem(f'{len(lonely)} {what}:', sorted(lonely))


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    found = Findings()
    if args.archive:
        check_archive(args.archive, MD5, found)
    check_folders(args, found)
    for task, name in EXPECTED:
        try:
            check_list(task, name, args, found)
        except (FileNotFoundError, ValueError) as error:
            found.problem(str(error))
    return found.close(
        'Next: python tools/train.py configs/cam/resnet50_voc.py',
        'How it must look: python tools/prepare/voc.py --help',
    )


if __name__ == '__main__':
    run_tool(main)
