"""Names of classes and files that every program takes."""

import re
import unicodedata
from collections.abc import Sequence
from pathlib import PurePosixPath

from mmwsol.io.names import printable

_REFUSED = re.compile(r'[\s<>:"/\\|?*]')
"""What some file system, or a list of names in a line each, does not take."""
_AS_JPG = {'.jfif', '.jpe', '.jpeg'}
"""Endings of JPEG that some trainers do not know."""
_LONGEST = 180
"""Bytes of a name without its ending; file systems take 255."""


def class_names(classes: Sequence[str]) -> list[str]:
    """Names on one line, none of them empty or twice.

    >>> class_names(['cat', 'cat ', 'big  cat', ''])
    ['cat', 'cat (2)', 'big cat', 'class 3']
    """
    plain = [
        ' '.join(printable(' '.join(str(name).split())).split()) or f'class {number}'
        for number, name in enumerate(classes)
    ]
    return [*_distinct(plain, ' ({})', set(plain))]


def file_names(images: Sequence[str]) -> list[str]:
    """A name for each image in one folder, none twice whatever their endings are.

    Folders become part of the name, and capitals or ways to write an accent alone do not tell
    names apart, since they do not on every disk.

    Args:
        images: Paths with forward slashes.

    >>> file_names(['cat/1.jpg', 'dog/1.JPG', 'cat_1.png', 'my cat.jpeg'])
    ['cat_1.jpg', 'dog_1.jpg', 'cat_1_2.png', 'my_cat.jpg']
    """
    stems, endings = [], []
    for image in images:
        path = PurePosixPath(image.lstrip('/'))
        ending = path.suffix.lower()
        endings.append('.jpg' if ending in _AS_JPG else ending)
        stem = path.with_suffix('').as_posix() if path.suffix else path.as_posix()
        stems.append(_plain(stem))
    found = _distinct(stems, '_{}', set(map(str.casefold, stems)))
    return [stem + ending for stem, ending in zip(found, endings)]


def _plain(stem: str) -> str:
    stem = unicodedata.normalize('NFC', _REFUSED.sub('_', stem))
    stem = ''.join(one if one.isprintable() else '_' for one in stem).strip('.')
    content = stem.encode()[-_LONGEST:]  # the end tells images of a long path apart
    return content.decode(errors='ignore') or '_'


def _distinct(names: Sequence[str], form: str, wanted: set[str]) -> list[str]:
    """Names of which none is another one's, in any capitals; the first keeps its own."""
    taken: set[str] = set()
    found = []
    for name in names:
        own, number = name, 1
        while own.casefold() in taken or (number > 1 and own.casefold() in wanted):
            number += 1
            own = name + form.format(number)
        taken.add(own.casefold())
        found.append(own)
    return found
