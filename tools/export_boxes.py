"""Writes predicted boxes of a data set: a detection set without drawn boxes.

python tools/export_boxes.py configs/pnsc/resnet50_cub.py epoch_100.pth --out boxes.json

looks at the training images, whose classes are known and whose boxes are not used, and
writes each image's box of its own class; mmdetection's CocoDataset and pycocotools load the
file. File names are relative to the image folder, which is printed at the end.

    --format yolo --out boxes/           images/, labels/ and data.yaml
    --format voc --out boxes/            JPEGImages/ and Annotations/
    --format label-studio --out boxes/   tasks.json, with boxes to correct
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from mmengine.registry import DATASETS, init_default_scope

from mmwsol.apis import LocInferencer
from mmwsol.apis.command_line import (
    add_box_arguments,
    add_model_arguments,
    box_format,
    box_writer,
    load_inferencer,
    smallest_shares,
)
from mmwsol.command import complain, explained, run_tool
from mmwsol.engine.belonging import check_classes
from mmwsol.interruption import Interruption
from mmwsol.io.formats import CocoFormat
from mmwsol.progress import progress


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_model_arguments(parser)
    parser.add_argument(
        '--out',
        type=Path,
        help="COCO's file, boxes.json by default; a folder for other formats, boxes",
    )
    parser.add_argument(
        '--split',
        choices=['train', 'val', 'test'],
        default='train',
        help="which of the config's data sets",
    )
    parser.add_argument(
        '--classes',
        choices=['known', 'predicted'],
        default='known',
        help="whose boxes: the image's own class, or the predicted one",
    )
    add_box_arguments(parser)
    args = parser.parse_args(argv)
    is_file = args.format == CocoFormat.name
    args.out = args.out or Path('boxes.json' if is_file else 'boxes')
    if not is_file and args.out.suffix == '.json':
        parser.error(
            f'Expected a folder in --out with --format {args.format}, but got {args.out}'
        )
    return args


class Asked(NamedTuple):
    """What is asked about, a row for each label of each image."""

    files: list[str]
    """Paths, or names of images that have no file."""
    images: Sequence[str | np.ndarray]
    """Files, or pixels where a data set draws its images."""
    labels: list[int]
    folder: str
    """The image folder."""


def images_and_labels(inferencer: LocInferencer, split: str, form: str) -> Asked:
    """Images of a data set of the config, and their classes."""
    settings = inferencer.config[f'{split}_dataloader'].dataset
    # neither boxes nor pixels are read here
    settings.update(test_mode=False, pipeline=[], pseudo_boxes='')
    init_default_scope('mmpretrain')
    dataset = DATASETS.build(settings)
    names = 'the checkpoint', f'`{split}_dataloader`'
    check_classes(inferencer.classes, dataset.metainfo['classes'], *names)
    files, labels, drawn = [], [], []
    for info in map(dataset.get_data_info, range(len(dataset))):
        own = info['gt_label']
        for label in own if isinstance(own, (list, tuple)) else [own]:
            files.append(info['img_path'])
            labels.append(int(label))
            drawn += [info['img']] if 'img' in info else []
    if drawn and form != CocoFormat.name:
        raise ValueError(
            f'Expected image files in `{split}_dataloader` for --format {form}, but '
            f'{type(dataset).__name__} draws its images.'
        )
    return Asked(files, drawn or files, labels, str(dataset.img_prefix))


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    known = args.classes == 'known'
    with explained():
        inferencer = load_inferencer(args)
        smallest = smallest_shares(inferencer, args)
        files, images, labels, folder = images_and_labels(
            inferencer, args.split, args.format
        )
        writer = box_writer(
            *(inferencer, args, folder, [(box_format(args), args.out)]),
            description='boxes predicted from image-level labels by mmwsol',
            split=args.split,
            classes=args.classes,
        )
    # a map that is a mean over classes cannot be asked for one of them
    asked = labels if known and inferencer.shows_one_class else None
    stream = inferencer.stream(
        images, args.batch_size, args.workers, asked, args.boxes, smallest
    )
    shown = zip(progress(stream, 'images', len(files)), files, labels)
    with Interruption() as interruption:
        try:
            for result, file, label in interruption.until(shown):
                writer.add(dict(result, image=file), label if known else None)
        finally:  # what was found before an error is kept
            writer.write()
    found = writer.found
    print(
        f'{len(found.images)} images, {found.num_boxes} boxes: {writer.places}\n'
        f'file names are relative to {folder}'
    )
    problems = [entry['error'] for entry in found.failed]
    complain(f'{len(problems)} files could not be read', problems)
    complain('Files that were not written', writer.problems)
    interruption.report(f'{len(found.images)} images', args.out)
    return interruption.code or int(bool(problems or writer.problems))


if __name__ == '__main__':
    run_tool(main)
