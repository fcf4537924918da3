"""A folder that one program at a time works in."""

import errno
import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

try:
    import fcntl
except ImportError:  # on Windows, where nothing is held
    fcntl = None  # type: ignore[assignment]

NAME = '.lock'


@contextmanager
def only_one(
    folder: str | os.PathLike, patience: float = 0.0, shared: bool = False
) -> Iterator[int]:
    """Holds a folder as long as this process lives; the system lets go of what was killed.

    Args:
        folder: The folder, which is made if need be.
        patience: Seconds to wait for another program.
        shared: Whether processes that get the descriptor hold the folder as well. Those that
            load data, which may outlive a killed training by seconds, must not.

    Yields:
        The lock's descriptor.

    Raises:
        TimeoutError: Another program works in the folder.
    """
    file = Path(folder, NAME)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise OSError(
            f'Expected a folder that can be written to at {folder}, but got: {error.strerror}.'
        ) from None
    held = [descriptor]
    if not shared and hasattr(os, 'register_at_fork'):
        os.register_at_fork(after_in_child=partial(_close, held))
    try:
        _take(descriptor, folder, time.monotonic() + patience)
        with suppress(OSError):  # on a full disk
            os.truncate(descriptor, 0)
            name = f'process {os.getpid()} on {platform.node()}'
            os.pwrite(descriptor, name.encode(), 0)
        yield descriptor
    finally:
        held.clear()
        os.close(descriptor)


def _close(descriptors: list[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


def _take(descriptor: int, folder: str | os.PathLike, deadline: float) -> None:
    while fcntl is not None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                holder = os.pread(descriptor, 200, 0).decode(errors='replace')
                raise TimeoutError(
                    f'Expected to work in {folder} alone, but another program still does '
                    f'({holder or "it has just begun"}); wait for it, or choose another '
                    '--work-dir.'
                ) from None
            time.sleep(0.5)
        except OSError as error:
            if error.errno in (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP):
                return  # a file system without locks
            raise
