"""True boxes of your own images, from a file that is compared with the pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mmwsol.functional.boxes import cut_to_image
from mmwsol.io.box_rows import NO_CATEGORY, SIDES, Box, BoxRow, read_rows
from mmwsol.io.box_units import TOLERANCE, UNITS, are_corners, doubt_unit, in_pixels
from mmwsol.io.image_names import FORMS, ImageNames
from mmwsol.io.images import displayed_size
from mmwsol.io.names import printable
from mmwsol.io.text import plain_name

SAME_SIZE = 1
"""Pixels by which a size in the file may differ from the picture's."""


@dataclass
class BoxFile:
    """Boxes of images, and what was taken of the file that has them."""

    boxes: dict[str, tuple[Box, ...]]
    """By the image's path, in pixels of the image as it is displayed."""
    outside: dict[str, list[str]]
    """By the image's path, a line for each box that leaves it by more than ``TOLERANCE``."""
    taken: str
    """How many boxes of how many images, as a sentence without subject and full stop."""
    remarks: list[str]
    """The same about what was left out, or is to be looked at."""


def read_box_file(
    file: Path, root: Path, classes: Mapping[str, str], unit: str | None = None
) -> BoxFile:
    """Boxes ``x0, y0, x1, y1`` of images, compared with their classes and sizes.

    Regions of crowds are left out. Where the categories are called like classes, so are the
    boxes of others than the image's own.

    Args:
        file: COCO's ``.json``, or a table with a header.
        root: The folder of the images.
        classes: The class of each image, by its path below the folder.
        unit: `'pixels'`, `'share'` or `'percent'` of the width and height; by default
            pixels, if nothing speaks against it.

    Raises:
        ValueError: The file is about other images, other sizes, another unit, or nothing.
    """
    found = read_rows(file)
    names = ImageNames([*classes])
    places: dict[str, str] = {}
    for row in found.rows:
        places.setdefault(row.image, row.place)
    paths = names.find_all(places)
    _check_all_are_there(file, places, paths, next(iter(classes), ''))
    wanted = [row for row in found.rows if not row.is_crowd]
    own = _of_own_class(file, wanted, found.categories, paths, classes)
    if not own:
        raise ValueError(
            f'Expected boxes in {file}, but got {len(found.rows)}, of which '
            f'{len(found.rows) - len(wanted)} are regions of crowds and {len(wanted)} of '
            'other classes than their images.'
        )
    sizes = {path: displayed_size(root / path) for path in {*paths.values()}}
    _check_sizes(file, found.sizes, paths, sizes)
    others = len(wanted) - len(own)
    # an image without size is damaged, which is for others to say
    own = [row for row in own if sizes[paths[row.image]]]
    boxes = np.array([row.box for row in own], float).reshape(-1, 4)
    around = np.array([sizes[paths[row.image]] for row in own], float).reshape(-1, 2)
    doubt = None if unit else doubt_unit(boxes, around)
    say = f'say what they are with `box_unit` (--box-unit), one of {[*UNITS]}'
    if doubt and doubt.is_certain:
        raise ValueError(
            f'Expected boxes in pixels of their pictures in {file}, but {doubt.reason}; {say}.'
        )
    boxes = in_pixels(boxes, around, unit or 'pixels')
    images = [paths[row.image] for row in own]
    outside = _outside(images, boxes, around, [row.place for row in own])
    remarks = [f'doubts the boxes in {file}: {doubt.reason}; {say}'] if doubt else []
    if outside and found.layout == SIDES and are_corners(boxes, around):
        remarks.append(
            f'finds all boxes in {file} inside their images if x,y,width,height are read as '
            'x0,y0,x1,y1; correct them'
        )
    if names.folder:
        remarks.append(
            f'knows no folder {names.folder!r}, which all images in {file} are in, and '
            'compares the names of files alone'
        )
    if found.scored:
        remarks.append(f'takes predictions for truth: the boxes in {file} have scores')
    for count, what in (
        (len(found.rows) - len(wanted), 'regions of crowds'),
        (others, "boxes of other classes than their images'"),
    ):
        if count:
            remarks.append(f'leaves {count} {what} in {file} out')
    taken = f'takes {len(own)} boxes of {len({*images})} images from {file}'
    by_image: dict[str, tuple[Box, ...]] = {}
    for image, box in zip(images, boxes.tolist()):
        by_image[image] = (*by_image.get(image, ()), tuple(box))
    return BoxFile(by_image, outside, taken, remarks)


def _check_all_are_there(
    file: Path, places: Mapping[str, str], paths: Mapping[str, str], example: str
) -> None:
    unknown = [image for image in places if image not in paths]
    if unknown:
        raise ValueError(
            f'Expected images of the data set in {file}, but {len(unknown)} of those it names '
            f'are not there, the first: {unknown[0][:200]!r} in {places[unknown[0]]}. '
            f'{FORMS}, such as {example!r}.'
        )


def _of_own_class(
    file: Path,
    rows: Sequence[BoxRow],
    categories: Sequence[str],
    paths: Mapping[str, str],
    classes: Mapping[str, str],
) -> list[BoxRow]:
    """Rows of the image's own class, or all if no category is called like a class."""
    known = {plain_name(name): name for name in classes.values()}
    known |= {name: name for name in classes.values()}
    meant = {name: known.get(name, known.get(plain_name(name))) for name in categories}
    named = {*meant.values()} - {None}
    if not named:
        return [*rows]
    own = []
    for row in rows:
        name, category = classes[paths[row.image]], meant.get(row.category)
        if category is None and (row.category == NO_CATEGORY or name not in named):
            raise ValueError(
                'Expected a category that is called like a class for every class, or for none, '
                f'in {file}, but {row.place} has {row.category[:80]!r} on an image of {name!r}; '
                f'the categories are {str([*categories])[:200]}.'
            )
        if category == name:
            own.append(row)
    return own


def _check_sizes(
    file: Path,
    said: Mapping[str, tuple[int, int]],
    paths: Mapping[str, str],
    sizes: Mapping[str, tuple[int, int] | None],
) -> None:
    """Compares the sizes that the file has with those of the pictures."""
    others = []
    for image, path in paths.items():
        there, here = sizes[path], said.get(image)
        if there and here and np.abs(np.subtract(there, here)).max() > SAME_SIZE:
            turned = ', which the camera turned by a quarter (EXIF)' * (
                there == here[::-1]
            )
            others.append(
                f'{path} is displayed in {there[0]} x {there[1]} pixels, the file has '
                f'{here[0]} x {here[1]}{turned}'
            )
    if others:
        raise ValueError(
            f'Expected the sizes of the pictures in {file}, but {len(others)} of {len(paths)} '
            f'have another: {printable(others[0])}. Its boxes would lie elsewhere; take the '
            'pictures that they were drawn on, or correct the boxes and sizes.'
        )


def _outside(
    images: Sequence[str], boxes: np.ndarray, sizes: np.ndarray, places: Sequence[str]
) -> dict[str, list[str]]:
    lines: dict[str, list[str]] = {}
    for image, box, (width, height), place in zip(images, boxes, sizes, places):
        _, empty, far = cut_to_image(box[None], (height, width), TOLERANCE)
        if empty[0] or far[0]:
            lines.setdefault(image, []).append(
                f'{image} ({width:.0f} x {height:.0f} pixels): {box.round(1).tolist()} in '
                f'{place}'
            )
    return lines
