"""True boxes of your own images, from a table or from COCO's JSON."""

import csv
import io
import math
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from mmwsol.io.text import finite, read_json, read_text

Box = tuple[float, float, float, float]
Found = Iterator[tuple[str, str, Box]]
"""Each box's place in the file, its image, and ``x0, y0, x1, y1``."""

CORNERS, SIDES = ('x0', 'y0', 'x1', 'y1'), ('x', 'y', 'width', 'height')


def read_box_file(file: Path, paths: Sequence[str]) -> dict[str, tuple[Box, ...]]:
    """Boxes ``x0, y0, x1, y1`` of images, by path.

    Args:
        file: COCO's ``.json``, or a table with a header.
        paths: The paths of all images. The file may name an image by any ending of its path
            that no other image's path has.
    """
    find = _Names(paths)
    found = _coco(file) if file.suffix.lower() == '.json' else _table(file)
    boxes: defaultdict[str, list[Box]] = defaultdict(list)
    unknown: dict[str, str] = {}
    try:
        for place, image, box in found:
            if not (
                all(map(math.isfinite, box)) and box[0] < box[2] and box[1] < box[3]
            ):
                raise ValueError(
                    f'Expected a box with x0 < x1 and y0 < y1 in {place}, but got {[*box]}.'
                )
            path = find(image, place)
            if path is None:
                unknown.setdefault(image, place)
            else:
                boxes[path].append(box)
    except csv.Error as error:
        raise ValueError(f'Expected a table in {file}, but got {error}.') from None
    if unknown:
        image, place = next(iter(unknown.items()))
        raise ValueError(
            f'Expected images of the data set in {file}, but {len(unknown)} of those it names '
            f'are not there, the first: {image[:200]!r} in {place}.'
        )
    return {path: tuple(own) for path, own in boxes.items()}


class _Names:
    """Finds an image by its path or by an ending of it that no other has."""

    def __init__(self, paths: Sequence[str]) -> None:
        self.paths = {_plain(path): path for path in paths}
        self.by_name = defaultdict(list)
        for plain in self.paths:
            self.by_name[plain.rpartition('/')[2]].append(plain)

    def __call__(self, image: str, place: str) -> str | None:
        plain = _plain(image)
        if plain in self.paths:
            return self.paths[plain]
        same_name = self.by_name[plain.rpartition('/')[2]]
        fitting = [path for path in same_name if path.endswith(f'/{plain}')]
        if len(fitting) > 1:
            raise ValueError(
                f'Expected a path that only one image has in {place}, but {image[:80]!r} may be '
                f'{fitting[0]!r} or {fitting[1]!r}.'
            )
        return self.paths[fitting[0]] if fitting else None


def _plain(path: str) -> str:
    """A path that is the same for Windows's slashes and for both ways to write an accent."""
    path = unicodedata.normalize('NFC', path.strip().replace('\\', '/'))
    return PurePosixPath(path).as_posix()


def _table(file: Path) -> Found:
    text = io.StringIO(read_text(file), newline='')
    # some spreadsheets write semicolons
    separator = max(',;\t', key=text.readline().count)
    text.seek(0)
    # strict: an open quotation mark would take the lines after it into its cell
    rows = csv.reader(text, delimiter=separator, skipinitialspace=True, strict=True)
    names = [name.strip().lower() for name in next(rows, [])]
    layout = next((a for a in (CORNERS, SIDES) if {'image', *a} <= {*names}), None)
    if layout is None or any(names.count(name) > 1 for name in ('image', *layout)):
        raise ValueError(
            f'Expected the columns image,{",".join(CORNERS)} or '
            f'image,{",".join(SIDES)} in the first line of {file}, but got {str(names)[:200]}.'
        )
    for row in rows:
        place = f'line {rows.line_num} of {file}'
        if not ''.join(row).strip():
            continue
        if len(row) != len(names):
            raise ValueError(
                f'Expected {len(names)} values in {place}, but got {len(row)}: '
                f'{separator.join(row)[:80]!r}.'
            )
        cells = dict(zip(names, row))
        box = [finite(cells[name], place) for name in layout]
        yield place, cells['image'], _corners(box, layout)


def _coco(file: Path) -> Found:
    content = read_json(file)
    names: dict = {}
    try:
        annotations = [*content['annotations']]
        for image in content['images']:
            if image['id'] in names:
                raise ValueError(f'a second image with the id {image["id"]}')
            names[image['id']] = image['file_name']
        if not all(isinstance(name, str) for name in names.values()):
            raise ValueError('a file_name that is not text')
    except (KeyError, TypeError, ValueError) as error:
        what = str(error) if type(error) is ValueError else repr(error)
        raise ValueError(
            f"Expected COCO's images (id, file_name) and annotations in {file}, but got "
            f'{what[:200]}.'
        ) from None
    for number, annotation in enumerate(annotations):
        place = f'annotation {number} of {file}'
        try:
            image, values = names[annotation['image_id']], annotation['bbox']
        except (KeyError, TypeError) as error:
            raise ValueError(
                f'Expected the image_id of one of the images and a bbox in {place}, but got '
                f'{repr(error)[:200]}.'
            ) from None
        if not (isinstance(values, list) and len(values) == 4):
            raise ValueError(
                f'Expected numbers {", ".join(SIDES)} as a bbox in {place}, but got '
                f'{str(values)[:80]}.'
            )
        # a number's text is as good as the number
        box = [finite(str(value), place) for value in values]
        yield place, image, _corners(box, SIDES)


def _corners(box: list[float], layout: tuple[str, ...]) -> Box:
    x0, y0, x1, y1 = box
    return (x0, y0, x1, y1) if layout == CORNERS else (x0, y0, x0 + x1, y0 + y1)
