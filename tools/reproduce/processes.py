"""Processes that end with the one that started them, and a folder that only one works in."""

import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

GRACE = 120.0
"""Seconds that a process has to save and end after SIGTERM."""
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == 'linux' else None


class Process(Protocol):
    """What is needed of :class:`subprocess.Popen`."""

    def poll(self) -> int | None: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...


def start(
    command: list[str], output: Path, environment: dict[str, str], lock: int
) -> Process:
    """Starts a tool in a process of its own.

    It is told to end (SIGTERM) when this process dies, on Linux; a signal from the keyboard
    does not reach it.

    Args:
        command: ``tools/...`` and its arguments.
        output: File that gets what it prints, after what is there.
        environment: Variables besides this process's.
        lock: Descriptor of the folder's lock, which it keeps until it ends.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    with output.open('ab') as stream:
        return subprocess.Popen(
            [sys.executable, *command],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            env={**os.environ, **environment},
            start_new_session=True,
            pass_fds=[lock],
            preexec_fn=end_with_parent if _LIBC else None,
        )


def end_with_parent() -> None:
    """Has the system send SIGTERM to this process when its parent dies."""
    if _LIBC:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@contextmanager
def only_one(folder: Path, patience: float = GRACE) -> Iterator[int]:
    """Holds a folder; what a killed call left running there is waited for.

    Args:
        folder: Is made if need be.
        patience: Seconds to wait.

    Yields:
        The lock's descriptor. Processes that inherit it hold the folder as well.

    Raises:
        TimeoutError: Another call works in the folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / '.lock', os.O_RDWR | os.O_CREAT)
    try:
        deadline = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise TimeoutError(
                        f'Expected to work in {folder} alone, but another call, or what it '
                        'started, still does; wait for it, or choose another --work-dir.'
                    ) from None
                time.sleep(0.5)
        yield descriptor
    finally:
        os.close(descriptor)


def end_all(processes: list[Process]) -> None:
    """Tells processes to save and end, and ends those that do not."""
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + GRACE
    while any(process.poll() is None for process in processes):
        if time.monotonic() > deadline:
            for process in processes:
                process.kill()
        time.sleep(0.1)
