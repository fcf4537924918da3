"""Files that someone else wrote: text, JSON and XML, and the numbers and paths in them.

What is not as it should be is refused in a sentence that names the file. Nothing in a file is
executed or expanded.
"""

import json
import math
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import Any
from xml.etree import ElementTree

LONGEST_LINE, LARGEST = 10_000, 1e300
# Python's own reads 1_000 and figures of every script as well
NUMBER = re.compile(r'[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?', re.ASCII)


def read_text(file: Path, names: bool = False) -> str:
    """UTF-8 text, without the mark that some programs put first.

    Args:
        file: The file's path.
        names: Whether it is a list of files, whose names may have other bytes.

    Raises:
        ValueError: The file holds something else.
        OSError: The file cannot be read.
    """
    # a pipe would be waited for, and a device may have no end
    if file.exists() and not file.is_file():
        raise ValueError(f'Expected a file at {file}, but got a folder or a device.')
    try:
        errors = 'surrogateescape' if names else 'strict'
        text = file.read_text(encoding='utf-8-sig', errors=errors)
    except UnicodeDecodeError as error:
        raise ValueError(f'Expected UTF-8 text in {file}, but got {error}.') from None
    if '\0' in text:
        raise ValueError(f'Expected UTF-8 text in {file}, but got a zero byte.')
    return text


def read_lines(file: Path, names: bool = False) -> Iterator[tuple[str, str]]:
    """Each line that is not empty, and where it is; `names` as for :func:`read_text`."""
    for number, line in enumerate(read_text(file, names).split('\n'), start=1):
        if len(line) > LONGEST_LINE:
            raise ValueError(
                f'Expected at most {LONGEST_LINE} characters in line {number} of {file}, '
                f'but got {len(line)}.'
            )
        if line.strip():
            yield f'line {number} of {file}', line


def read_json(file: Path, kind: type | None = None) -> Any:
    """The content of a JSON file.

    Args:
        file: The file's path.
        kind: The type that the outermost value must have.

    Raises:
        ValueError: The file holds something else.
        OSError: The file cannot be read.
    """
    text = read_text(file)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f'Expected JSON in {file}, but got {error}.') from None
    if kind is not None and not isinstance(content, kind):
        raise ValueError(
            f'Expected a {kind.__name__} in {file}, but got {type(content).__name__}.'
        )
    return content


def read_xml(file: Path) -> ElementTree.Element:
    """The root of an XML file that declares no entities.

    Raises:
        ValueError: The file holds something else.
        OSError: The file cannot be read.
    """
    text = read_text(file)
    if '<!DOCTYPE' in text:
        raise ValueError(
            f'Expected XML without a document type in {file}, since its entities may grow '
            'without end or name other files.'
        )
    try:
        return ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise ValueError(f'Expected XML in {file}, but got {error}.') from None


def finite(text: str | None, place: str) -> float:
    """A number as annotations write it.

    Args:
        text: The text of the number.
        place: The place of the number, for an error.

    >>> finite(' -2.5e1', 'line 3')
    -25.0
    """
    word = (text or '').strip()
    number = float(word) if NUMBER.fullmatch(word) else math.nan
    if not math.isfinite(number):
        got = None if text is None else text[:80]
        raise ValueError(f'Expected a finite number in {place}, but got {got!r}.')
    return number


def whole(text: str | None, place: str, low: int, high: int) -> int:
    """A whole number from low to high.

    >>> whole('12', 'line 3', low=1, high=20)
    12
    """
    number = finite(text, place)
    if not (low <= number <= high and number.is_integer()):
        raise ValueError(
            f'Expected a whole number from {low} to {high} in {place}, but got '
            f'{str(text)[:80]!r}.'
        )
    return int(number)


def plain_name(name: str) -> str:
    """A class's name that is the same for capitals, accents and ways to write a space.

    >>> plain_name('Chat_Noir') == plain_name('chat noir')
    True
    """
    name = unicodedata.normalize('NFC', name).casefold()
    return ' '.join(name.replace('_', ' ').replace('-', ' ').split())


def is_number(value: object) -> bool:
    """Whether a value of JSON or YAML is a number that a float can hold."""
    is_bool = isinstance(value, bool)
    return isinstance(value, int | float) and not is_bool and abs(value) < LARGEST


def inside(path: str, place: str, absolute: bool = False) -> str:
    """A path, if it stays below the folder that it is relative to.

    Links below the folder are followed wherever they lead: whoever has the folder made them.

    Args:
        path: The path as a file of annotations has it.
        place: The place of the path, for an error.
        absolute: Whether whole paths are allowed.

    >>> inside('cat/tom..jpg', 'line 3')
    'cat/tom..jpg'
    """
    parts = PurePath(path)
    leaves = '..' in parts.parts or not parts.parts
    if leaves if not parts.anchor else not absolute:
        raise ValueError(
            f'Expected a path below the folder of the data in {place}, but got '
            f'{path[:80]!r}; a data set with `absolute_paths=True` takes whole paths.'
        )
    return path
