"""Whether files that a data set names are there and whole."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import cv2
from rich.progress import track

from mmwsol.datasets.images import image_problem
from mmwsol.preparation.findings import Findings


def check_files(
    what: str,
    names: Sequence[str],
    root: Path,
    found: Findings,
    thorough: bool = False,
    workers: int = 1,
) -> None:
    """Looks for images, and decodes them if asked.

    Args:
        what: They are, such as ``'masks'``.
        names: Of the files, below the root.
        root: Of the data.
        found: Where missing and damaged ones are named.
        thorough: Whether each is decoded.
        workers: Threads.
    """
    missing = [name for name in names if not (root / name).is_file()]
    if missing:
        found.problem(f'{len(missing)} of {len(names)} {what} are missing:', missing)
    if not thorough:
        return
    # what OpenCV says of a damaged file is said here
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    there = sorted(set(names) - set(missing))
    with ThreadPoolExecutor(workers) as pool:
        look = partial(image_problem, thorough=True)
        problems = pool.map(look, (str(root / name) for name in there))
        lines = [
            f'{name} {problem}'
            for problem, name in zip(
                track(problems, f'decoding {what}', len(there)), there
            )
            if problem
        ]
    if lines:
        found.problem(f'{len(lines)} of {len(names)} {what} are damaged:', lines)
