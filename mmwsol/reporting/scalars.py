"""What a run logged, read while it runs or after it was killed."""

import json
from collections.abc import Iterator
from pathlib import Path


def starts_of(folder: Path) -> list[Path]:
    """Of each start of a run, from the first to the last, the folder of its logs."""
    return sorted(path.parent for path in folder.glob('*/vis_data'))


def read_lines(file: Path) -> Iterator[dict]:
    """The entries of a log; a line that a kill cut off is left out."""
    for line in file.read_text(encoding='utf-8').splitlines() if file.exists() else ():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        yield entry


def read_scalars(folder: Path) -> Iterator[dict]:
    """Losses and evaluations of a work folder's training, over all its starts."""
    for start in starts_of(folder):
        yield from read_lines(start / 'vis_data/scalars.json')


def is_evaluation(entry: dict) -> bool:
    """Whether an entry has localisation metrics."""
    return bool(entry.keys() & {'loc/gt_known', 'pix/pxap'})
