"""Whether files that a data set names are there and whole."""

from collections.abc import Sequence
from pathlib import Path

from mmwsol.datasets.base import Record
from mmwsol.preparation.findings import Findings
from mmwsol.preparation.images import check_images


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
        what: They are, such as ``'masks'``.
        names: Of the files, below the root.
        root: Of the data.
        found: Where missing and damaged ones are named.
        thorough: Whether each is decoded.
        workers: Threads.
    """
    records = [Record(name, 0) for name in dict.fromkeys(names)]
    what = f'of {len(names)} {what}'
    damaged, _ = check_images(
        records, root, found, thorough, workers=workers, what=what
    )
    if damaged:
        found.problem(f'{len(damaged)} {what} are damaged:', damaged)
