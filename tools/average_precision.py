"""The average precision of predicted boxes, as pycocotools computes it.

python tools/average_precision.py found/predictions.json drawn.json

drawn.json has true boxes of the same images, in COCO's layout or as a table (docs/own_images.md);
images are found by their names, classes by theirs. Where no class of one file is called like one
of the other, boxes count whatever their class. Images that only one file knows are left out.
"""

import argparse
import contextlib
import io
import sys
from pathlib import Path
from typing import Any

import numpy as np

from mmwsol.command import explained, run_tool
from mmwsol.io.box_files import SAME_SIZE
from mmwsol.io.box_rows import BoxRow, read_rows
from mmwsol.io.image_names import ImageNames
from mmwsol.io.text import plain_name, read_json

SHOWN = {'AP': 0, 'AP at IoU 0.5': 1, 'AP at IoU 0.75': 2}
"""Places of numbers in pycocotools' summary."""


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        'predictions', type=Path, help='of tools/boxes.py, infer.py or export_boxes.py'
    )
    parser.add_argument('truth', type=Path, help='JSON of COCO, or a table')
    return parser.parse_args(argv)


def read_predictions(file: Path) -> dict[str, Any]:
    """COCO's annotations with scores."""
    content = read_json(file, dict)
    annotations = content.get('annotations') or []
    if 'images' not in content or not all('score' in own for own in annotations):
        raise ValueError(
            f'Expected images and annotations with scores in {file}, as predictions.json of '
            'tools/boxes.py has them, but got a file without.'
        )
    return content


def true_boxes(
    predicted: dict[str, Any], file: Path
) -> tuple[dict[int, list[BoxRow]], list[str]]:
    """Rows of true boxes by the id of the image, and the classes that the file knows."""
    found = read_rows(file)
    ids = {image['file_name']: image['id'] for image in predicted['images']}
    places = {name: f'{file}' for name in found.sizes}
    places |= {row.image: row.place for row in found.rows}
    paths = ImageNames([*ids]).find_all(places)
    if not paths:
        raise ValueError(
            f'Expected boxes of images that were looked at in {file}, but got none; it has '
            f'{next(iter(places), "no image")!r} and the like.'
        )
    if len(paths) < len(places):
        left = len(places) - len(paths)
        print(f'{left} images of {file} were not looked at', file=sys.stderr)
    sizes = {own['id']: (own['width'], own['height']) for own in predicted['images']}
    for name, path in paths.items():
        there, here = found.sizes.get(name), sizes[ids[path]]
        if there and np.abs(np.subtract(there, here)).max() > SAME_SIZE:
            raise ValueError(
                f'Expected boxes of the same pictures in {file}, but {name!r} has {there} '
                f'pixels there and {here} in the predictions.'
            )
    rows: dict[int, list[BoxRow]] = {ids[path]: [] for path in paths.values()}
    for row in found.rows:
        if row.image in paths:
            rows[ids[paths[row.image]]].append(row)
    return rows, found.categories


def score(
    predicted: dict[str, Any], rows: dict[int, list[BoxRow]], categories: list[str]
) -> dict[str, float]:
    """Numbers of pycocotools."""
    try:
        from pycocotools.coco import COCO
        from pycocotools.cocoeval import COCOeval
    except ImportError:
        raise ImportError(
            "Expected pycocotools, but it is not installed: pip install 'mmwsol[coco]'."
        ) from None
    numbers = {plain_name(own['name']): own['id'] for own in predicted['categories']}
    named = bool(numbers.keys() & {*map(plain_name, categories)})
    classes = [*numbers.values()] if named else [0]
    truth, given = COCO(), COCO()
    for coco in (truth, given):
        coco.dataset = dict(
            images=[dict(id=number) for number in rows],
            categories=[dict(id=number) for number in classes],
            annotations=[],
        )
    for number, own in rows.items():
        for row in own:
            x0, y0, x1, y1 = row.box
            label = numbers.get(plain_name(row.category)) if named else 0
            if label is not None:
                box = [x0, y0, x1 - x0, y1 - y0]
                _add(truth, number, label, box, iscrowd=int(row.is_crowd))
    for own in predicted['annotations']:
        if own['image_id'] in rows:
            label = own['category_id'] if named else 0
            _add(given, own['image_id'], label, own['bbox'], score=own['score'])
    with contextlib.redirect_stdout(io.StringIO()):
        truth.createIndex()
        given.createIndex()
        scored = COCOeval(truth, given, 'bbox')
        scored.evaluate()
        scored.accumulate()
        scored.summarize()
    what = 'of each class' if named else 'whatever their class'
    print(
        f'{len(truth.anns)} true and {len(given.anns)} predicted boxes on {len(rows)} images, '
        f'{what}'
    )
    return {name: float(scored.stats[place]) for name, place in SHOWN.items()}


def _add(coco: Any, image: int, label: int, box: list[float], **more: float) -> None:
    number = len(coco.dataset['annotations']) + 1
    own = dict(id=number, image_id=image, category_id=label, bbox=box)
    own |= dict(area=box[2] * box[3], iscrowd=0) | more
    coco.dataset['annotations'].append(own)


def main(argv: list[str] | None = None) -> dict[str, float]:
    args = parse_args(argv)
    with explained():
        predicted = read_predictions(args.predictions)
        rows, categories = true_boxes(predicted, args.truth)
    numbers = score(predicted, rows, categories)
    for name, number in numbers.items():
        print(f'{name:>15} {100 * number:6.1f}')
    return numbers


if __name__ == '__main__':
    run_tool(main)
