"""Whether the images of a data set are there and whole, and boxes inside them."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
from rich.progress import track

from mmwsol.datasets.base import Record
from mmwsol.datasets.transforms.load_boxes import TOLERANCE
from mmwsol.functional.boxes import cut_to_image
from mmwsol.functional.image_content import stored_size
from mmwsol.io.images import decoded_size
from mmwsol.preparation.findings import Findings

CHUNK = 4096
Look = Callable[[str], tuple[str | None, tuple[int, int]]]
"""File -> what is wrong with it or None, and its width and height."""


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
        records: Of the images, with boxes where there are any.
        root: What their paths are below.
        found: Where missing and empty files are named.
        thorough: Whether every image is decoded; else those with boxes are opened.
        as_displayed: Whether boxes count in pixels of the image as EXIF turns it. Needs
            ``thorough``.
        workers: Threads.
        what: They are called where some are missing.

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
    for (problem, size), record in zip(track(sizes, doing, len(opened)), opened):
        if problem:
            lines[record.path] = f'{record.path} {problem}'
        else:
            outside += boxes_outside(record, size)
    return list(lines.values()), outside


def _decode(as_displayed: bool) -> Look:
    return lambda file: decoded_size(file, as_displayed)


def boxes_outside(record: Record, size: tuple[int, int]) -> list[str]:
    """A line for each box that is empty or leaves an image of ``width, height``."""
    boxes = np.array(record.boxes, np.float64).reshape(-1, 4)
    _, empty, far = cut_to_image(boxes, size[::-1], TOLERANCE)
    return [
        f'{record.path} ({size[0]} x {size[1]} pixels): {box}'
        for box in boxes[empty | far].round(1).tolist()
    ]


def _in_threads(look: Look, files: list[str], workers: int) -> Iterator:
    with ThreadPoolExecutor(workers) as pool:
        for start in range(0, len(files), CHUNK):
            yield from pool.map(look, files[start : start + CHUNK])
