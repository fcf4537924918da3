"""Checks a folder of your own images and writes a config to train on them. No code needed.

1. Sort the images into a folder for each class:

       animals/cat/*.jpg   animals/dog/*.jpg   animals/fox/*.jpg

   or, if you have test images of your own, animals/train/cat/*.jpg, animals/test/cat/*.jpg.

2. If you have boxes, to measure with (training never sees them), put them into one file,
   such as animals/boxes.csv, in pixels of the displayed image, a line for each box:

       image,x0,y0,x1,y1
       cat/tom.jpg,10,24,200,180

   image,x,y,width,height and COCO's .json are understood as well. They are compared with
   the pictures, and the classes with a column or categories that are called like them.

3. python tools/prepare/custom.py animals --boxes boxes.csv --out my_config.py
4. python tools/train.py my_config.py and tools/infer.py, as it prints them, ready to paste.

docs/own_images.md says more.
"""

import argparse
from collections import Counter
from pathlib import Path

from mmengine.logging import MMLogger

from mmwsol.command import command_line, run_tool, seen_from_here
from mmwsol.config_files import CONFIGS
from mmwsol.datasets import CustomLoc
from mmwsol.datasets.base import Record
from mmwsol.datasets.checking import Findings, check_images
from mmwsol.datasets.custom_config import CustomConfig, beside, next_commands
from mmwsol.datasets.custom_method import DEFAULT, choose, refusal
from mmwsol.io.atomic import write_atomic
from mmwsol.io.box_units import UNITS
from mmwsol.io.names import printable

HELD_OUT = 'held_out.txt'
"""What the list of images to evaluate on is called, after the config."""


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    bases = [file.relative_to(CONFIGS) for file in CONFIGS.glob('*/*_custom.py')]
    parser.add_argument('folder', type=Path, help='with a folder for each class')
    parser.add_argument('--boxes', default='', help='.csv or .json, below FOLDER')
    parser.add_argument(
        '--method',
        choices=sorted({b.parts[0] for b in bases}),
        help=f'by default {DEFAULT}, which trains nothing; docs/own_images.md compares them',
    )
    parser.add_argument(
        '--insist',
        action='store_true',
        help='write the config of a METHOD that was worse than others on so few classes',
    )
    parser.add_argument(
        '--backbone',
        choices=sorted({b.stem.removesuffix('_custom') for b in bases}),
        help='by default resnet50 for ddt, else mobilenetv2, which learns without a GPU',
    )
    parser.add_argument(
        '--box-unit',
        choices=UNITS,
        help='of the boxes; pixels by default, unless something speaks against it',
    )
    parser.add_argument(
        '--val-per-class',
        type=int,
        metavar='N',
        help='training images of each class held out to evaluate on; without val and test '
        'folders a fifth of the smallest class, 20 at most. 0: nothing is evaluated',
    )
    parser.add_argument(
        '--skip-broken',
        action='store_true',
        help='have damaged images left out instead of asking for better ones',
    )
    parser.add_argument('--workers', type=int, default=2, help='threads')
    parser.add_argument('--out', type=Path, required=True, help='config file to write')
    args = parser.parse_args(argv)
    if args.out.suffix != '.py':
        parser.error(f'expected --out to end with .py, but got {args.out}')
    if args.out.exists():
        parser.error(f'{args.out} exists; name another file, or delete it')
    if args.val_per_class is not None and args.val_per_class < 0:
        parser.error(f'expected --val-per-class from 0, but got {args.val_per_class}')
    args.folder = args.folder.resolve()
    if Path(args.boxes).is_file() and not (args.folder / args.boxes).is_file():
        boxes = Path(args.boxes).resolve()  # named from here, not from the folder
        inside = boxes.is_relative_to(args.folder)
        args.boxes = str(boxes.relative_to(args.folder) if inside else boxes)
    return args


def check_files(
    args: argparse.Namespace, records: list[Record], found: Findings
) -> None:
    """Names damaged images, and boxes that cannot be meant."""
    damaged, outside = check_images(
        records,
        args.folder,
        found,
        thorough=True,
        as_displayed=True,
        workers=args.workers,
    )
    if damaged and args.skip_broken:
        found.note(f'{len(damaged)} damaged images will be left out:', damaged)
    elif damaged:
        found.problem(f'{len(damaged)} images are damaged (or --skip-broken):', damaged)
    if outside:
        found.problem(f'{len(outside)} boxes are empty or leave their images:', outside)


def held_out(args: argparse.Namespace, smallest: int, has: set[str]) -> int:
    """How many training images of each class to hold out."""
    if args.val_per_class is not None:
        return args.val_per_class
    return 0 if has & {'val', 'test'} else max(1, min(20, smallest // 5))


def check_splits(
    args: argparse.Namespace, options: dict, found: Findings
) -> tuple[tuple[str, str] | None, list[str]]:
    """Counts images of each split and class.

    Returns:
        The splits to validate and test on, or None where there is no image to do either
        with; and the images to validate on.
    """
    has = splits_of(options)
    has_val = 'val' in has or options['val_per_class'] > 0
    test = 'test' if 'test' in has else 'val'
    val = 'val' if has_val else test
    evaluated = (val, test) if has_val or 'test' in has else None
    counts, held = {}, []
    for split in dict.fromkeys(('train', *(evaluated or ()))):
        dataset = CustomLoc(**options, split=split, test_mode=split != 'train')
        counts[split] = Counter(dataset.get_gt_labels().tolist())
        infos = [dataset.get_data_info(i) for i in range(len(dataset))]
        if split == val:
            paths = (Path(i['img_path']).relative_to(args.folder) for i in infos)
            held = [path.as_posix() for path in paths]
        bare = [i['img_path'] for i in infos if not i.get('instances', True)]
        if args.boxes and len(bare) == len(infos):
            found.problem(
                f'none of the {len(infos)} images of {split!r} has a box, so nothing can be '
                'measured with boxes; add theirs, or leave --boxes out'
            )
        elif args.boxes and bare:
            found.note(
                f'{len(bare)} images of {split!r} have no box and count as misses:',
                bare,
            )
    for label, name in enumerate(dataset.metainfo['classes']):
        own = [f'{count[label]} {split}' for split, count in counts.items()]
        found.say(f'  {name}', ', '.join(own))
    if evaluated is None:
        found.note('no image is evaluated; --val-per-class N holds some out')
    return evaluated, held


def splits_of(options: dict) -> set[str]:
    """The splits that have a folder of their own."""
    return {*CustomLoc(**options, lazy_init=True).split_folders}


def check(args: argparse.Namespace, found: Findings) -> None:
    """Checks everything, and writes the config if nothing is wrong."""
    options = dict(
        data_root=str(args.folder),
        val_per_class=0,
        boxes=args.boxes,
        box_unit=args.box_unit,
    )
    dataset = CustomLoc(**options, test_mode=True, lazy_init=True)
    names, records = dataset.read_classes(), dataset.read_records()
    found.say('classes', len(names))
    found.say('images', len(records))
    args.method, args.backbone, said = choose(args.method, args.backbone)
    found.say('method', said)
    sooner = command_line('boxes', seen_from_here(args.folder), '--out', 'found')
    unfit = refusal(args.method, len(names))
    if unfit and not args.insist:
        found.problem(f'{unfit}. Use {sooner}, or --method {DEFAULT}; or --insist')
    if args.boxes:
        found.say('boxes', sum(len(record.boxes) for record in records))
    if len(names) < 2:
        found.problem(
            f'There must be two classes or more, but there is only {names}; for one kind of '
            f'thing, {sooner}'
        )
    sizes = Counter(record.label for record in records if record.is_train)
    smallest = min(range(len(names)), key=lambda label: sizes[label])
    count = held_out(args, sizes[smallest], splits_of(options))
    if count >= sizes[smallest]:
        found.problem(
            f'{names[smallest]!r} has {sizes[smallest]} images to train on, which must be more '
            f'than the {count} held out of each class to evaluate on; add images, hold fewer '
            'out with --val-per-class N, or none with --val-per-class 0'
        )
    options['val_per_class'] = count
    check_files(args, records, found)
    if not found.problems:
        logger = MMLogger.get_current_instance()
        level = logger.level
        logger.setLevel('ERROR')  # each split would repeat what was said of the folder
        evaluated, held = check_splits(args, options, found)
        logger.setLevel(level)
    if not found.problems:
        if held:
            file = beside(args.out, HELD_OUT)
            write_atomic(file, ''.join(f'{printable(one)}\n' for one in held))
            found.say(
                'held out', f'{len(held)} images, listed in {file}: draw their boxes'
            )
        about = args.method, args.backbone, args.folder, len(names), count
        how = args.skip_broken, args.boxes, args.box_unit, evaluated
        CustomConfig(*about, *how).write(args.out)


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    found = Findings()
    try:
        check(args, found)
    except (FileNotFoundError, ValueError) as error:
        found.problem(str(error))
    commands: list[str] = []
    if not found.problems:
        commands = next_commands(args.out, args.folder, bool(args.boxes))
    return found.close(
        '\n'.join(
            [f'Written: {args.out}. Next:\n', *(f'    {c}' for c in commands), '']
        ),
        'No config was written. What is expected: python tools/prepare/custom.py --help',
    )


if __name__ == '__main__':
    run_tool(main)
