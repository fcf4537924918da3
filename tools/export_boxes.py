"""Writes predicted boxes of a data set as COCO JSON: a detection set without drawn boxes.

python tools/export_boxes.py configs/pnsc/resnet50_cub.py epoch_100.pth --out boxes.json

looks at the training images, whose classes are known and whose boxes are not used, and
writes each image's box of its own class; mmdetection's CocoDataset and pycocotools load the
file. File names are relative to the image folder, which is printed at the end.
"""

import argparse
from pathlib import Path

from mmengine.registry import DATASETS, init_default_scope
from rich.progress import track

from mmwsol.apis import LocInferencer
from mmwsol.apis.command_line import (
    add_box_arguments,
    add_model_arguments,
    coco_writer,
    load_inferencer,
)
from mmwsol.command import complain, explained, run_tool
from mmwsol.engine.belonging import check_classes
from mmwsol.interruption import Interruption
from mmwsol.io.atomic import check_writable


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_model_arguments(parser)
    parser.add_argument('--out', type=Path, default=Path('boxes.json'), help='file')
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
    parser.add_argument(
        '--lowest-score', type=float, default=0.0, help='leaves out boxes below it'
    )
    return parser.parse_args(argv)


def images_and_labels(
    inferencer: LocInferencer, split: str
) -> tuple[list[str], list[int], str]:
    """A file and a class for each label of each image, and the image folder."""
    settings = inferencer.config[f'{split}_dataloader'].dataset
    # neither boxes nor pixels are read here
    settings.update(test_mode=False, pipeline=[])
    init_default_scope('mmpretrain')
    dataset = DATASETS.build(settings)
    names = 'the checkpoint', f'`{split}_dataloader`'
    check_classes(inferencer.classes, dataset.metainfo['classes'], *names)
    files, labels = [], []
    for info in map(dataset.get_data_info, range(len(dataset))):
        own = info['gt_label']
        for label in own if isinstance(own, (list, tuple)) else [own]:
            files.append(info['img_path'])
            labels.append(int(label))
    if not Path(files[0]).exists():
        raise ValueError(
            f'Expected image files in `{split}_dataloader`, but {type(dataset).__name__} '
            'draws its images.'
        )
    return files, labels, str(dataset.img_prefix)


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    with explained():
        inferencer = load_inferencer(args)
        check_writable(args.out)
        files, labels, folder = images_and_labels(inferencer, args.split)
    known = args.classes == 'known'
    # a map that is a mean over classes cannot be asked for one of them
    asked = labels if known and inferencer.shows_one_class else None
    writer = coco_writer(
        *(inferencer, args, folder, args.lowest_score),
        description='boxes predicted from image-level labels by mmwsol',
        split=args.split,
        classes=args.classes,
    )
    stream = inferencer.stream(
        files, args.batch_size, args.workers, asked, args.boxes, args.smallest
    )
    shown = zip(track(stream, 'images', len(files)), labels)
    with Interruption() as interruption:
        try:
            for result, label in interruption.until(shown):
                writer.add(result, label if known else None)
        finally:  # what was found before an error is kept
            writer.write(args.out)
    content = writer.content
    print(
        f'{len(content["images"])} images, {len(content["annotations"])} boxes: {args.out}\n'
        f'file names are relative to {folder}'
    )
    problems = [entry['error'] for entry in content['failed']]
    complain(f'{len(problems)} files could not be read', problems)
    interruption.report(f'{len(content["images"])} images', args.out)
    return interruption.code or int(bool(problems))


if __name__ == '__main__':
    run_tool(main)
