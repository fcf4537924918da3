"""What a process takes of the machine."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np


class Usage(NamedTuple):
    """Of a process and of the processes it started, such as data-loading workers."""

    memory: int
    """Resident bytes of the process."""
    workers_memory: int
    """Of the processes it started, added up; what they share counts for each."""
    files: int
    """Open files, pipes and sockets of the process."""
    threads: int
    """Of the process."""
    workers: int
    """Processes it started that are alive, or that it did not wait for."""


def usage(process: str | int = 'self') -> Usage:
    """What a process takes at this moment, as Linux tells.

    Raises:
        OSError: On other systems.
    """
    folder = Path(f'/proc/{process}')
    if not (folder / 'statm').exists():
        raise OSError(f'Expected {folder}/statm, which only Linux has.')
    threads = list((folder / 'task').iterdir())
    workers = ' '.join(_read(thread / 'children') for thread in threads).split()
    return Usage(
        memory=_resident(folder),
        workers_memory=sum(_resident(Path(f'/proc/{worker}')) for worker in workers),
        files=len(list((folder / 'fd').iterdir())) - 1,  # this list's own
        threads=len(threads),
        workers=len(workers),
    )


def growth(amounts: Sequence[float]) -> float:
    """Slope of the line that fits best, an epoch, a batch or whatever was counted.

    >>> round(growth([5, 7, 9, 11]), 6)
    2.0
    """
    return float(np.polyfit(np.arange(len(amounts)), amounts, 1)[0])


def _resident(folder: Path) -> int:
    _, pages, *_ = _read(folder / 'statm', '0 0').split()
    return int(pages) * os.sysconf('SC_PAGE_SIZE')


def _read(file: Path, gone: str = '') -> str:
    """The content of a file about a thread or process that may have ended just now."""
    try:
        return file.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return gone
