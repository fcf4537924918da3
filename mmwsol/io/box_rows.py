"""Boxes as files have them: a table, or COCO's JSON."""

import csv
import io
import math
from pathlib import Path
from typing import Any, NamedTuple

from mmwsol.io.text import finite, read_json, read_text

Box = tuple[float, float, float, float]
"""``x0, y0, x1, y1``."""
CORNERS, SIDES = ('x0', 'y0', 'x1', 'y1'), ('x', 'y', 'width', 'height')
CATEGORY_COLUMNS = ('category', 'class', 'label', 'category_name', 'class_name')
NO_CATEGORY = ''


class BoxRow(NamedTuple):
    """One box of a file."""

    place: str
    """Where it stands, for an error."""
    image: str
    """The image as the file names it."""
    box: Box
    category: str = NO_CATEGORY
    """What the file says that it is a box of."""
    is_crowd: bool = False
    """Whether it is around a group, or marked to be passed over."""


class BoxRows(NamedTuple):
    """All boxes of a file, and what else it says."""

    rows: list[BoxRow]
    categories: list[str]
    """All that there are, with a box or without."""
    sizes: dict[str, tuple[int, int]]
    """Width and height of images, where the file has them."""
    layout: tuple[str, ...] = SIDES
    scored: bool = False
    """Whether the boxes have scores, as predictions have."""


def read_rows(file: Path) -> BoxRows:
    """The boxes of COCO's ``.json``, or else of a table with a header.

    Raises:
        ValueError: The file holds something else, or a box that is none.
    """
    try:
        found = _coco(file) if file.suffix.lower() == '.json' else _table(file)
    except csv.Error as error:
        raise ValueError(f'Expected a table in {file}, but got {error}.') from None
    for row in found.rows:
        x0, y0, x1, y1 = row.box
        if not (all(map(math.isfinite, row.box)) and x0 < x1 and y0 < y1):
            raise ValueError(
                f'Expected a box with x0 < x1 and y0 < y1 in {row.place}, but got '
                f'{[*row.box]}.'
            )
    return found


def _table(file: Path) -> BoxRows:
    text = io.StringIO(read_text(file), newline='')
    # some spreadsheets write semicolons
    separator = max(',;\t', key=text.readline().count)
    text.seek(0)
    # strict: an open quotation mark would take the lines after it into its cell
    lines = csv.reader(text, delimiter=separator, skipinitialspace=True, strict=True)
    names = [name.strip().lower() for name in next(lines, [])]
    layout = next((a for a in (CORNERS, SIDES) if {'image', *a} <= {*names}), None)
    if layout is None or any(names.count(name) > 1 for name in ('image', *layout)):
        raise ValueError(
            f'Expected the columns image,{",".join(CORNERS)} or '
            f'image,{",".join(SIDES)} in the first line of {file}, but got {str(names)[:200]}.'
        )
    column = next((name for name in CATEGORY_COLUMNS if name in names), None)
    rows = []
    for line in lines:
        place = f'line {lines.line_num} of {file}'
        if not ''.join(line).strip():
            continue
        if len(line) != len(names):
            raise ValueError(
                f'Expected {len(names)} values in {place}, but got {len(line)}: '
                f'{separator.join(line)[:80]!r}.'
            )
        cells = dict(zip(names, line))
        box = _corners([finite(cells[name], place) for name in layout], layout)
        category = cells[column].strip() if column else NO_CATEGORY
        is_crowd = _flag(cells.get('iscrowd', '').strip() or 0, 'iscrowd', place)
        rows.append(BoxRow(place, cells['image'], box, category, is_crowd))
    categories = {row.category: None for row in rows if row.category}
    return BoxRows(rows, [*categories], {}, layout)


def _coco(file: Path) -> BoxRows:
    content = read_json(file)
    names: dict[str, str] = {}
    sizes: dict[str, tuple[int, int]] = {}
    try:
        annotations = [*content['annotations']]
        named = content.get('categories') or []
        categories = {_key(own['id']): str(own['name']).strip() for own in named}
        for image in content['images']:
            key, name = _key(image['id']), image['file_name']
            if key in names:
                raise ValueError(f'a second image with the id {image["id"]}')
            if not isinstance(name, str):
                raise ValueError('a file_name that is not text')
            names[key] = name
            size = _size(image)
            if size and sizes.setdefault(name, size) != size:
                raise ValueError(f'{name!r} with two sizes, {sizes[name]} and {size}')
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        what = str(error) if type(error) is ValueError else repr(error)
        raise ValueError(
            f"Expected COCO's images (id, file_name) and annotations in {file}, but got "
            f'{what[:200]}.'
        ) from None
    rows = []
    for number, annotation in enumerate(annotations):
        place = f'annotation {number} of {file}'
        try:
            image = names[_key(annotation['image_id'])]
            values = annotation['bbox']
            category = NO_CATEGORY
            if categories and annotation.get('category_id') is not None:
                category = categories[_key(annotation['category_id'])]
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ValueError(
                'Expected the image_id of one of the images, a bbox and the category_id of '
                f'one of the categories in {place}, but got {repr(error)[:200]}.'
            ) from None
        if not (isinstance(values, list) and len(values) == 4):
            raise ValueError(
                f'Expected numbers {", ".join(SIDES)} as a bbox in {place}, but got '
                f'{str(values)[:80]}.'
            )
        # a number's text is as good as the number
        box = _corners([finite(str(value), place) for value in values], SIDES)
        flags = [
            _flag(annotation.get(flag) or 0, flag, place)
            for flag in ('iscrowd', 'ignore')
        ]
        rows.append(BoxRow(place, image, box, category, any(flags)))
    scored = any('score' in annotation for annotation in annotations)
    return BoxRows(rows, [*categories.values()], sizes, SIDES, scored)


def _key(value: Any) -> str:
    """An id, which may be a number here and its text there."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(f'the id {value!r}')
    return str(value).strip()


def _size(image: dict) -> tuple[int, int] | None:
    """Width and height; None where they are missing or stand for unknown."""
    width, height = (
        finite(str(image.get(side) or 0), side) for side in ('width', 'height')
    )
    return (round(width), round(height)) if width > 0 and height > 0 else None


def _flag(value: Any, name: str, place: str) -> bool:
    if str(value).lower() not in ('0', '1', 'false', 'true'):
        raise ValueError(
            f'Expected 0 or 1 as {name} in {place}, but got {str(value)[:80]!r}.'
        )
    return str(value).lower() in ('1', 'true')


def _corners(box: list[float], layout: tuple[str, ...]) -> Box:
    x0, y0, x1, y1 = box
    return (x0, y0, x1, y1) if layout == CORNERS else (x0, y0, x0 + x1, y0 + y1)
