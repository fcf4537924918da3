"""What a run logged, read while it runs or after it was killed."""

import json
from collections.abc import Iterator
from pathlib import Path

from mmwsol.io.text import is_number, read_lines

METRICS = {
    'GT-known Loc': 'loc/gt_known',
    'Top-1 Loc': 'loc/top1',
    'Top-5 Loc': 'loc/top5',
    'MaxBoxAccV2': 'loc/maxboxacc_v2',
    'PxAP': 'pix/pxap',
    'Top-1 class': 'accuracy/top1',
}
COUNTS = ('step', 'loc/num_images', 'pix/num_images')


def starts_of(folder: Path) -> list[Path]:
    """The folders of logs, one for each start of a run, from the first to the last."""
    return sorted(path.parent for path in folder.glob('*/vis_data'))


def read_entries(file: Path) -> Iterator[dict]:
    """The entries of a log, if there is one; a last line that a kill cut off is left out.

    Raises:
        ValueError: Another line is not JSON, or a metric is not a number.
    """
    lines = list(read_lines(file)) if file.exists() else []
    for number, (place, line) in enumerate(lines, start=1):
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            if number == len(lines):
                return
            entry = None
        if not isinstance(entry, dict) or not all(
            is_number(entry.get(name, 0))
            or (
                name in COUNTS and entry[name] is None
            )  # a log leaves whole numbers out
            for name in (*METRICS.values(), *COUNTS)
        ):
            raise ValueError(
                f'Expected metrics as JSON in {place}, but got {line[:80]!r}.'
            )
        yield entry


def read_scalars(folder: Path) -> Iterator[dict]:
    """Losses and evaluations of a work folder's training, over all its starts."""
    for start in starts_of(folder):
        yield from read_entries(start / 'vis_data/scalars.json')


def is_evaluation(entry: dict) -> bool:
    """Whether an entry has localisation metrics."""
    return bool(entry.keys() & {'loc/gt_known', 'pix/pxap'})
