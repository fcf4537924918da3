"""Boxes that a method found in training images, for another one to learn from."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from mmengine.logging import MMLogger

from mmwsol.io.box_rows import BoxRow, read_rows
from mmwsol.io.box_units import LARGEST_SHARE, doubt_unit
from mmwsol.io.image_names import FORMS, ImageNames
from mmwsol.io.names import printable

NAMED = 10
"""Images that a warning names; the rest are counted."""
WITHOUT_BOX = ('whole', 'skip')
WHOLE_SHARE = 0.99
"""Of an image's area; a box that has it is told to be the whole image."""


def check_without_box(choice: str, name: str) -> None:
    """Refuses another treatment of images without a pseudo box."""
    if choice not in WITHOUT_BOX:
        raise ValueError(
            f'Expected `without_box` of {name} to be one of {WITHOUT_BOX}, but got {choice!r}.'
        )


def with_pseudo_boxes(
    data: Sequence[dict], names: Sequence[str], file: str, without_box: str
) -> list[dict]:
    """Annotations with ``pseudo_box`` (xyxy, or None for the whole image).

    Of several boxes of an image the first is taken, which is the best in files of
    ``tools/export_boxes.py``. ``pseudo_box_size`` is the width and height of the image in the
    file, where it has them. Images without a box are counted and named in a warning; boxes of
    whole images are counted where most are.

    Args:
        data: The annotations.
        names: The path of each image below the image folder.
        file: COCO's ``.json``, or a table with a header, in pixels of the images as they are
            displayed; other images in it are passed over.
        without_box: `'whole'`: the whole image is the box of one without; `'skip'`: it is
            left out.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is about other images, or has another unit.
    """
    path = Path(file)
    if not path.is_file():
        raise FileNotFoundError(
            f'Expected pseudo boxes at {file} (`train_dataloader.dataset.pseudo_boxes`), but '
            'there is no such file; write it with tools/export_boxes.py CONFIG CHECKPOINT '
            f'--out {file}.'
        )
    rows, sizes = _read(path)
    places: dict[str, str] = {}
    for row in rows:
        places.setdefault(row.image, row.place)
    found = ImageNames(names).find_all(places)
    first: dict[str, BoxRow] = {}
    for row in rows:
        if row.image in found:
            first.setdefault(found[row.image], row)
    missing = [name for name in names if name not in first]
    if 2 * len(missing) > len(names):
        raise ValueError(
            f'Expected boxes of the images of `train_dataloader` in {file}, but it has none '
            f'of {len(missing)} of these {len(names)}, such as {missing[0][:200]!r}, and names '
            f'{next(iter(places), "no image")[:200]!r} first. {FORMS}.'
        )
    if missing:
        whole = without_box == 'whole'
        shown = ', '.join(map(printable, missing[:NAMED]))
        MMLogger.get_current_instance().warning(
            f'{len(missing)} of {len(names)} images have no pseudo box in {file} and are '
            f'{"taken whole" if whole else "left out"} (`without_box`): {shown}'
            f'{", ..." * (len(missing) > NAMED)}'
        )
    full = sum(_is_whole(row, sizes.get(row.image)) for row in first.values())
    if 2 * full > len(first):
        MMLogger.get_current_instance().warning(
            f'{full} of {len(first)} pseudo boxes in {file} are as large as their images, '
            'and teach no place; tools/export_boxes.py makes smaller ones with a higher '
            '--threshold.'
        )
    boxed = []
    for info, name in zip(data, names):
        row_of = first.get(name)
        if row_of:
            size = sizes.get(row_of.image)
            boxed.append(dict(info, pseudo_box=[*row_of.box], pseudo_box_size=size))
        elif without_box == 'whole':
            boxed.append(dict(info, pseudo_box=None))
    return boxed


def _is_whole(row: BoxRow, size: tuple[int, int] | None) -> bool:
    """Whether a box covers its image, as far as its size is known."""
    if size is None:
        return False
    x0, y0, x1, y1 = row.box
    return (x1 - x0) * (y1 - y0) >= WHOLE_SHARE * size[0] * size[1]


def _read(file: Path) -> tuple[list[BoxRow], dict[str, tuple[int, int]]]:
    """Boxes in pixels, without regions of crowds, and the sizes of their images."""
    read = read_rows(file)
    rows = [row for row in read.rows if not row.is_crowd]
    sized = [row for row in rows if row.image in read.sizes]
    boxes = np.array([row.box for row in sized], float).reshape(-1, 4)
    around = np.array([read.sizes[row.image] for row in sized], float).reshape(-1, 2)
    doubt = doubt_unit(boxes, around)
    shares = rows and max(max(row.box) for row in rows) <= LARGEST_SHARE
    if shares or (doubt and doubt.is_certain):
        reason = doubt.reason if doubt else 'no coordinate is above 2'
        raise ValueError(
            f'Expected boxes in pixels of their images in {file}, but {reason}.'
        )
    return rows, read.sizes
