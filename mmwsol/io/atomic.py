"""Files that are there whole, or not at all."""

import errno
import os
import shutil
from contextlib import suppress
from pathlib import Path

_KEPT = 60
"""Characters of a name that its neighbour keeps, which would else be too long with `.part`."""


def write_atomic(
    file: str | os.PathLike, content: bytes | str, sync: bool = True
) -> None:
    """Writes a file beside its place, and moves it there once it is on the disk.

    What was there before stays until then, whatever happens.

    Args:
        file: The file; its folder is made if need be.
        content: Bytes, or text that is written as UTF-8, in which names of files that are
            something else keep their bytes.
        sync: Whether a machine that loses power keeps the file too; one file among
            thousands need not wait for that.

    Raises:
        OSError: It cannot be written; the message says how much room there is.
    """
    file = Path(file)
    if isinstance(content, str):
        content = content.encode(errors='surrogateescape')
    part = _beside(file)
    try:
        _make_folder(file.parent)
        with part.open('wb') as stream:
            stream.write(content)
            stream.flush()
            if sync:
                os.fsync(stream.fileno())
        part.replace(file)
        if sync:
            _sync_folder(file.parent)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise OSError(
            error.errno,
            f'Could not write {file}, {len(content) / 1e6:.1f} MB, with {_free(file)} MB '
            f'free on its disk ({error.strerror})',
        ) from None


def check_writable(file: str | os.PathLike) -> None:
    """Makes a file's folder and tries to write there: before the work, not after it.

    Raises:
        OSError: The file could not be written.
    """
    file = Path(file)
    try:
        if file.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        _make_folder(file.parent)
        part = _beside(file)
        part.touch()
        part.unlink()
    except OSError as error:
        raise OSError(
            f'Expected a file that can be written at {file}, but got: {error.strerror}.'
        ) from None


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:  # which would be said of the file
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR)) from None


def _beside(file: Path) -> Path:
    return file.with_name(f'{file.name[:_KEPT]}.part')


def _free(file: Path) -> str:
    there = next((p for p in file.absolute().parents if os.path.isdir(p)), None)
    return f'{shutil.disk_usage(there).free / 1e6:.1f}' if there else '0.0'


def _sync_folder(folder: Path) -> None:
    """Has the disk know of a new name, where folders can be opened."""
    if os.name == 'posix':
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
