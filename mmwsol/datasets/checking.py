"""Checks of a data set's files before training: for ``tools/prepare`` and other data sets.

They are in the package because a script in ``tools/prepare`` cannot import its neighbours
both when it is run and when it is imported.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
from rich import progress

from mmwsol.datasets.base import Record
from mmwsol.functional.boxes import cut_to_image
from mmwsol.io.box_units import TOLERANCE
from mmwsol.io.image_content import stored_size
from mmwsol.io.images import decoded_size
from mmwsol.io.names import printable

SHOWN = 10
"""Items of a list that are printed."""
CHUNK = 4096
"""Images handed to the threads at a time: as many results wait in memory at most."""
BLOCK = 2**22
"""Bytes of an archive that are read at a time."""
Look = Callable[[str], tuple[str | None, tuple[int, int]]]
"""File -> what is wrong with it or None, and its width and height."""


class Findings:
    """Prints what is found as it is found, and counts what must be put right."""

    def __init__(self) -> None:
        self.problems = 0

    def say(self, name: str, value: object) -> None:
        """A fact."""
        _print(f'{name:24s} {value}')

    def count(self, name: str, found: int, expected: int) -> None:
        """A number that should be another's."""
        self.problems += found != expected
        self.say(name, f'{found}' + f', expected {expected}' * (found != expected))

    def problem(self, what: str, items: Sequence[str] = ()) -> None:
        """Something to put right, with the first ten of what it concerns."""
        self.problems += 1
        self._list(f'PROBLEM: {what}', items)

    def note(self, what: str, items: Sequence[str] = ()) -> None:
        """Something to know."""
        self._list(f'note: {what}', items)

    def close(self, whole: str, broken: str) -> int:
        """Prints the summary, and gives the exit code.

        Args:
            whole: What to do next.
            broken: What to do if there are problems.
        """
        if self.problems:
            _print(f'\n{self.problems} problem(s). {broken}')
        else:
            _print(f'\nAll is well. {whole}')
        return int(self.problems > 0)

    def _list(self, what: str, items: Sequence[str]) -> None:
        _print('\n    '.join([what, *map(printable, items[:SHOWN])]))
        if len(items) > SHOWN:
            print(f'    and {len(items) - SHOWN} more')


def _print(text: str) -> None:
    """Prints lines that may have any file's name in them."""
    print(*map(printable, text.split('\n')), sep='\n', flush=True)


def check_archive(file: Path, known: dict[str, str], found: Findings) -> None:
    """Compares an archive's MD5 with the published one.

    Args:
        file: The archive, under the name that it was downloaded by.
        known: The published MD5 of each archive, by name.
        found: The findings, which get the outcome.
    """
    if file.name not in known:
        found.problem(f'{file.name} is not one of {", ".join(known)}')
    elif not file.is_file():
        found.problem(f'{file} does not exist')
    else:
        digest = hashlib.md5(usedforsecurity=False)
        with progress.open(file, 'rb', description=file.name) as content:
            while block := content.read(BLOCK):
                digest.update(block)
        if digest.hexdigest() == known[file.name]:
            found.say(file.name, 'has the published MD5')
        else:
            found.problem(
                f'{file} has the MD5 {digest.hexdigest()}, the published one is '
                f'{known[file.name]}: download it again'
            )


def check_files(
    what: str,
    names: Sequence[str],
    root: Path,
    found: Findings,
    thorough: bool = False,
    workers: int = 1,
) -> None:
    """Looks for images or masks without boxes, and decodes them if asked.

    Args:
        what: What they are called, such as ``'masks'``.
        names: The files, below the root.
        root: The folder of the data.
        found: The findings, which get missing and damaged files.
        thorough: Whether each file is decoded.
        workers: The number of threads.
    """
    records = [Record(name, 0) for name in dict.fromkeys(names)]
    what = f'of {len(names)} {what}'
    damaged, _ = check_images(
        records, root, found, thorough, workers=workers, what=what
    )
    if damaged:
        found.problem(f'{len(damaged)} {what} are damaged:', damaged)


def check_images(
    records: Sequence[Record],
    root: Path,
    found: Findings,
    thorough: bool,
    as_displayed: bool = False,
    workers: int = 1,
    what: str = 'images',
) -> tuple[list[str], list[str]]:
    """Looks at images and their boxes.

    Args:
        records: The images, with boxes where there are any.
        root: The folder that their paths are relative to.
        found: The findings, which get missing and empty files.
        thorough: Whether every image is decoded; else only those with boxes are opened.
        as_displayed: Whether boxes count in pixels of the image as EXIF turns it. Needs
            ``thorough``.
        workers: The number of threads.
        what: What the files are called where some are missing.

    Returns:
        A line for each damaged image, and one for each box that leaves its image by more
        than :class:`mmwsol.datasets.LoadBoxes` allows or holds no pixel.
    """
    files = {r.path: root / r.path for r in records}
    missing = [path for path, file in files.items() if not file.is_file()]
    if missing:
        found.problem(f'{len(missing)} {what} are missing:', missing)
    there = [r for r in records if files[r.path].is_file()]
    damaged = [r.path for r in there if files[r.path].stat().st_size == 0]
    lines = {path: f'{path} is empty' for path in damaged}
    opened = [r for r in there if r.path not in lines and (thorough or r.boxes)]
    look: Look = _decode(as_displayed) if thorough else stored_size
    # what OpenCV says of a damaged file is said here
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    outside = []
    sizes = _in_threads(look, [str(files[r.path]) for r in opened], workers)
    doing = 'decoding images' if thorough else 'reading sizes'
    seen = progress.track(sizes, doing, len(opened))
    for (problem, size), record in zip(seen, opened):
        if problem:
            lines[record.path] = f'{record.path} {problem}'
        else:
            outside += boxes_outside(record, size)
    return list(lines.values()), outside


def boxes_outside(record: Record, size: tuple[int, int]) -> list[str]:
    """A line for each box that is empty or leaves an image of ``width, height``."""
    boxes = np.array(record.boxes, np.float64).reshape(-1, 4)
    _, empty, far = cut_to_image(boxes, size[::-1], TOLERANCE)
    return [
        f'{record.path} ({size[0]} x {size[1]} pixels): {box}'
        for box in boxes[empty | far].round(1).tolist()
    ]


def _decode(as_displayed: bool) -> Look:
    return lambda file: decoded_size(file, as_displayed)


def _in_threads(look: Look, files: list[str], workers: int) -> Iterator:
    with ThreadPoolExecutor(workers) as pool:
        for start in range(0, len(files), CHUNK):
            yield from pool.map(look, files[start : start + CHUNK])
