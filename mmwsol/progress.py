"""How far long work is, and how long it will take yet."""

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

T = TypeVar('T')
QUIET = 10
"""Seconds without a line where no terminal shows a bar."""


def progress(items: Iterable[T], doing: str, count: int) -> Iterator[T]:
    """Items, while standard error says how many are done and how long the rest takes.

    A terminal shows a bar; a file gets a line now and then, the rarer the longer it takes.

    Args:
        items: The items.
        doing: What is done with them, in a word.
        count: How many there are.
    """
    console = Console(stderr=True)
    if console.is_terminal:
        columns = TextColumn('{task.description}'), BarColumn(), MofNCompleteColumn()
        remaining = TimeRemainingColumn(elapsed_when_finished=True)
        with Progress(*columns, remaining, console=console) as bar:
            yield from bar.track(items, count, description=doing)
        return
    started = said = time.monotonic()
    for done, item in enumerate(items, start=1):
        yield item
        now = time.monotonic()
        lasts = now - started
        if done < count and now - said > max(QUIET, lasts / 10):
            said = now
            left = duration(lasts / done * (count - done))
            print(f'{doing}: {done} of {count}, {left} left', file=sys.stderr)


def duration(seconds: float) -> str:
    """A time that people can read.

    >>> duration(7), duration(100), duration(8000)
    ('7 s', '2 min', '2 h 13 min')
    """
    if seconds < 59.5:
        return f'{seconds:.0f} s'
    minutes = round(seconds / 60)
    return f'{minutes // 60} h {minutes % 60} min' if minutes > 99 else f'{minutes} min'
