"""Score maps and their annotations in files, as wsolevaluation lays them out.

A folder of maps holds ``<image id>.npy``, ``(H, W)`` in [0, 1]; an image id is a path below
the image folder. A folder of annotations holds, one line for each image or box:

========================= ==========================================================
``image_ids.txt``         ``id``
``class_labels.txt``      ``id,label``
``image_sizes.txt``       ``id,width,height``; not needed where there are masks alone
``localization.txt``      ``id,x0,y0,x1,y1`` in the image's pixels, or
                          ``id,mask file,ignore file`` with files below a mask folder
``predicted_classes.txt`` ``id,best,second,...`` (ours, optional): for Top-1 and Top-5
========================= ==========================================================
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import numpy as np

from mmwsol.io.atomic import write_atomic
from mmwsol.io.box_rows import Box
from mmwsol.io.box_units import LARGEST_SHARE, TOLERANCE, doubt_unit
from mmwsol.io.image_content import MOST_PIXELS
from mmwsol.io.masks import merge_masks
from mmwsol.io.text import finite, inside, read_lines, whole

IDS, LABELS, SIZES = 'image_ids.txt', 'class_labels.txt', 'image_sizes.txt'
LOCALIZATION, CLASSES = 'localization.txt', 'predicted_classes.txt'
NETWORK_INPUT = (224, 224)
"""Width, height of the published maps, where an image's size is not known."""
MOST_CLASSES = 10**6
# what parts values and lines, and what readers take from their ends
_UNLISTED = re.compile(r'[,\r\n\0]|^[\s\ufeff]+|\s+$')


@dataclass
class Annotations:
    """Labels, boxes and masks of a set of images, by image id."""

    ids: list[str]
    labels: dict[str, int]
    sizes: dict[str, tuple[int, int]]
    """Width, height."""
    boxes: dict[str, list[Box]] = field(default_factory=dict)
    """xyxy in the image's pixels."""
    masks: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """Mask file and ignore file of each object."""
    classes: dict[str, list[int]] = field(default_factory=dict)
    """Predicted classes, best first."""
    unknown: list[str] = field(default_factory=list)
    """Lines that were left out because ``image_ids.txt`` does not have their image."""
    remarks: list[str] = field(default_factory=list)
    """Sentences without a full stop about boxes that may not be meant so."""

    def size(self, image: str) -> tuple[int, int]:
        """Height and width that stand in for those of a missing map."""
        width, height = self.sizes.get(image, NETWORK_INPUT)
        return height, width

    def is_turned(self, image: str, size: tuple[int, ...]) -> bool:
        """Whether a map of ``height, width`` is the image's size with its sides swapped."""
        sides = self.sizes.get(image)
        return sides is not None and sides == size and sides[0] != sides[1]

    def boxes_on(self, image: str, size: tuple[int, int]) -> np.ndarray:
        """True boxes ``(B, 4)`` in the pixels of a map of ``height, width``."""
        width, height = self.sizes[image]
        scale = np.array([size[1], size[0], size[1], size[0]])
        boxes = np.array(self.boxes.get(image, ()), np.float64).reshape(-1, 4)
        return boxes * scale / [width, height, width, height]

    def rank(self, image: str) -> int:
        """The number of classes predicted ahead of the true one; -1 without predictions."""
        if not self.classes:
            return -1
        predicted = self.classes.get(image, [])
        label = self.labels[image]
        # the list may be cut short: the true class is somewhere behind its end
        return predicted.index(label) if label in predicted else 2**20

    def mask_on(self, image: str, size: tuple[int, int], root: Path) -> np.ndarray:
        """Mask ``(H, W)`` of a map's size: 0, 1, or 255 where it does not count."""
        pairs = [
            (root / mask_file, root / ignore_file if ignore_file else None)
            for mask_file, ignore_file in self.masks.get(image, ())
        ]
        return merge_masks(pairs, size)


def read_annotations(
    folder: Path, located: bool = True, absolute_paths: bool = False
) -> Annotations:
    """Reads a folder of annotations.

    Args:
        folder: The folder of the files.
        located: Whether sizes, boxes and masks are read as well as ids and labels.
        absolute_paths: Whether images and masks may be named by their whole paths.

    Raises:
        FileNotFoundError: If one of the files that are read is missing; masks alone need
            no sizes.
        ValueError: If a line is malformed or leads out of the folder of the data, or an
            image has no label or size, or two.
    """
    found = Annotations([], {}, {})
    seen: dict[str, str] = {}
    for at, image, _ in _lines(folder / IDS, (0,)):
        _check_new(image, seen, at)
        seen[image] = inside(image, at, absolute_paths)
    found.ids += seen
    for at, image, (label,) in _known_lines(found, folder / LABELS, (1,)):
        _check_new(image, found.labels, at)
        found.labels[image] = _class(label, at)
    _check_every_image(found.ids, found.labels, folder / LABELS)
    if located:
        _read_places(found, folder, absolute_paths)
    if (folder / CLASSES).is_file():
        for at, image, values in _known_lines(found, folder / CLASSES, None):
            _check_new(image, found.classes, at)
            found.classes[image] = [_class(value, at) for value in values]
    return found


def _read_places(found: Annotations, folder: Path, absolute_paths: bool) -> None:
    """Adds boxes, masks and sizes."""
    for at, image, values in _known_lines(found, folder / LOCALIZATION, (2, 4)):
        if len(values) == 4:
            x0, y0, x1, y1 = (finite(value, at) for value in values)
            found.boxes.setdefault(image, []).append((x0, y0, x1, y1))
        else:
            for file in filter(None, values):
                inside(file, at, absolute_paths)
            found.masks.setdefault(image, []).append((values[0], values[1]))
        if found.boxes and found.masks:
            raise ValueError(
                f'Expected boxes alone or masks alone, but {at} differs from those before.'
            )
    if found.boxes or not found.masks or (folder / SIZES).is_file():
        for at, image, values in _known_lines(found, folder / SIZES, (2,)):
            _check_new(image, found.sizes, at)
            width, height = (whole(value, at, 1, MOST_PIXELS) for value in values)
            if width * height > MOST_PIXELS:
                raise ValueError(
                    f'Expected at most {MOST_PIXELS} pixels in {at}, but got {width} x '
                    f'{height}.'
                )
            found.sizes[image] = width, height
        _check_every_image(found.ids, found.sizes, folder / SIZES)
        _look_at_boxes(found, folder / LOCALIZATION)


def _look_at_boxes(found: Annotations, file: Path) -> None:
    """Compares boxes with the sizes of their images."""
    pairs = [
        (box, found.sizes[image]) for image in found.boxes for box in found.boxes[image]
    ]
    boxes = np.array([box for box, _ in pairs], float).reshape(-1, 4)
    sizes = np.array([size for _, size in pairs], float).reshape(-1, 2)
    doubt = doubt_unit(boxes, sizes)
    if doubt and boxes.max() <= LARGEST_SHARE:
        raise ValueError(
            f'Expected boxes in pixels of their images in {file}, but {doubt.reason}.'
        )
    if doubt:
        found.remarks.append(f'{file}: of the boxes, {doubt.reason}')
    far = (boxes.min(1, initial=0) < -TOLERANCE) | (
        boxes[:, 2:] > sizes + TOLERANCE
    ).any(1)
    if far.any():
        found.remarks.append(
            f'{file}: {far.sum()} of {len(boxes)} boxes leave their images as {SIZES} has them'
        )


def write_annotations(folder: Path, content: Annotations) -> None:
    """Writes a folder of annotations; boxes are cut to whole pixels, as the layout asks."""
    lines: dict[str, list[str]] = {
        name: [] for name in (IDS, LABELS, SIZES, LOCALIZATION, CLASSES)
    }
    for image in content.ids:
        if image != listed(image):
            raise ValueError(
                f'Expected image names without commas and line ends, but got {image!r}.'
            )
        width, height = content.sizes[image]
        lines[IDS].append(image)
        lines[LABELS].append(f'{image},{content.labels[image]}')
        lines[SIZES].append(f'{image},{width},{height}')
        for box in content.boxes.get(image, ()):
            whole = np.floor(np.array(box) + 1e-6).astype(int)
            lines[LOCALIZATION].append(f'{image},' + ','.join(map(str, whole)))
        if image in content.classes:
            classes = ','.join(map(str, content.classes[image]))
            lines[CLASSES].append(f'{image},{classes}')
    if not content.classes:
        del lines[CLASSES]
    for name, own in lines.items():
        write_atomic(folder / name, ''.join(f'{line}\n' for line in own))


def _known_lines(
    found: Annotations, file: Path, columns: tuple[int, ...] | None
) -> Iterator[tuple[str, str, list[str]]]:
    """The lines of images that there are; the rest become ``unknown``."""
    known = set(found.ids)
    for at, image, values in _lines(file, columns):
        if image in known:
            yield at, image, values
        else:
            found.unknown.append(f'{at} names {image}, which is not in {IDS}')


def _check_every_image(ids: list[str], table: dict, file: Path) -> None:
    missing = [image for image in ids if image not in table]
    if missing:
        raise ValueError(
            f'Expected a line for every image of {IDS} in {file}, but {len(missing)} are '
            f'missing, such as {missing[0]}.'
        )


def _check_new(image: str, table: dict, place: str) -> None:
    if image in table:
        raise ValueError(
            f'Expected each image once, but {image} is repeated in {place}.'
        )


def _class(text: str, place: str) -> int:
    return whole(text, place, 0, MOST_CLASSES)


def listed(name: str) -> str:
    """A file's name as lists can have it: with commas, line ends and outer spaces in percent.

    >>> listed('cat, black.jpg')
    'cat%2C black.jpg'
    """
    return _UNLISTED.sub(lambda found: quote(found[0], safe=''), name)


def map_file(folder: Path, image: str) -> Path:
    """The file of an image's map."""
    return folder / f'{image}.npy'


def read_map(file: Path) -> tuple[np.ndarray | None, str]:
    """A map, or None and what is wrong with its file."""
    if not file.is_file():
        return None, f'has no map: {file} does not exist'
    try:
        score_map = np.load(file, allow_pickle=False)
    except Exception as error:  # numpy's reader raises whatever damaged bytes lead to
        reason = ' '.join(str(error).split())[:120]
        return None, f'has no map: {file} is not an .npy file of numbers ({reason})'
    if not isinstance(score_map, np.ndarray):
        return None, f'has no map: {file} is an archive of several'
    return score_map, ''


def _lines(
    file: Path, columns: tuple[int, ...] | None
) -> Iterator[tuple[str, str, list[str]]]:
    """``place, image, values`` of each line of a file."""
    if not file.is_file():
        raise FileNotFoundError(
            f'Expected {file}, one of the files of the annotations, but it does not exist.'
        )
    for place, line in read_lines(file, names=True):
        image, *values = (word.strip() for word in line.split(','))
        if columns is not None and len(values) not in columns:
            raise ValueError(
                f'Expected {" or ".join(map(str, columns))} values after the image in {place}, '
                f'but got {len(values)}: {line[:80]!r}.'
            )
        yield place, image, values
