"""Long work that is told to end, by a user, a cluster or a closed terminal, keeps what it has."""

import multiprocessing
import os
import signal
import stat
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from types import FrameType
from typing import Any, TypeVar

from torch.utils.data import DataLoader

T = TypeVar('T')
SIGNALS = [
    signal.Signals[name]
    for name in ('SIGINT', 'SIGTERM', 'SIGHUP')
    if hasattr(signal, name)  # not everywhere
]


class Interruption:
    """The first SIGINT, SIGTERM or SIGHUP ends a loop after the step at hand, a second one the
    program at once.

    Signals that the program was started to ignore, as by ``nohup``, stay ignored.

    Example:
        >>> with Interruption() as interruption:
        ...     done = [step for step in interruption.until(range(3))]
        >>> done, interruption.code
        ([0, 1, 2], 0)
    """

    def __init__(self) -> None:
        self.number = 0
        self.former: dict[int, Any] = {}

    def __enter__(self) -> 'Interruption':
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                if signal.getsignal(number) not in (signal.SIG_IGN, None):
                    self.former[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self.former.items():
            signal.signal(number, handler)

    def until(self, items: Iterable[T]) -> Iterator[T]:
        """Items, until a signal comes; none if it has come before."""
        if self.number:
            return
        for item in items:
            yield item
            if self.number:
                return

    def report(self, done: str, kept: object) -> None:
        """Says what was done before the signal, if one came.

        Args:
            done: What was done.
            kept: Where it is.
        """
        if self.number:
            said = f'Stopped by {self.name} after {done}; what was found is in {kept}.'
            print(said, file=sys.stderr)

    @property
    def name(self) -> str:
        """The name of the signal that came, empty if none did."""
        return signal.Signals(self.number).name if self.number else ''

    @property
    def code(self) -> int:
        """What the program exits with: 0, or as shells have it, 128 plus the signal."""
        return self.number and 128 + self.number

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.number = number
        for one in self.former:
            signal.signal(one, signal.SIG_DFL)
        _forget_closed_terminal()
        said = (
            f'\n{self.name}: ends after the step at hand, at once if it comes again.\n'
        )
        os.write(2, said.encode())  # print may be what was interrupted


def _forget_closed_terminal() -> None:
    """Has output go nowhere where writing it would fail."""
    for descriptor in (1, 2):
        device = stat.S_ISCHR(os.fstat(descriptor).st_mode)
        if device and not os.isatty(descriptor):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, descriptor)
            os.close(nowhere)


def outlive(loader: DataLoader, signals: Sequence[int] = SIGNALS) -> None:
    """Has a loader's workers outlive signals, which their whole group gets as well."""
    init = partial(_init_worker, loader.worker_init_fn, signals)
    loader.worker_init_fn = init


def _init_worker(
    init: Callable[[int], None] | None, signals: Sequence[int], worker: int
) -> None:
    if init is not None:
        init(worker)
    outlive_here(signals)


def outlive_here(signals: Sequence[int] = SIGNALS) -> None:
    """Has this process, another one's worker, end only when that one ends or ends it."""
    if hasattr(signal, 'sigtimedwait'):
        for number in signals:  # libraries may have threads here that do not block them
            signal.signal(number, _pass_over)
        signal.pthread_sigmask(signal.SIG_BLOCK, signals)
        threading.Thread(target=_end_with_parent, args=(signals,), daemon=True).start()
    else:
        for number in set(signals) - {signal.SIGTERM}:  # by which workers are ended
            signal.signal(number, signal.SIG_IGN)


def _pass_over(number: int, frame: FrameType | None) -> None:
    pass


def _end_with_parent(signals: Sequence[int]) -> None:
    parent = multiprocessing.parent_process()
    while parent is not None and parent.is_alive():
        told = signal.sigtimedwait(signals, 1)
        if told is not None and told.si_pid == parent.pid:
            break
    os._exit(0)
