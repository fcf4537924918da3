"""Files that are there whole, or not at all."""

import os
import shutil
from pathlib import Path


def write_atomic(file: str | os.PathLike, content: bytes | str) -> None:
    """Writes a file beside its place, and moves it there once it is on the disk.

    What was there before stays until then, whatever happens.

    Args:
        file: The file; its folder is made if need be.
        content: Bytes, or text that is written as UTF-8.

    Raises:
        OSError: It cannot be written; the message says how much room there is.
    """
    file = Path(file)
    if isinstance(content, str):
        content = content.encode()
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f'{file.name}.part')
    try:
        with part.open('wb') as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(file)
        _sync_folder(file.parent)
    except OSError as error:
        part.unlink(missing_ok=True)
        free = shutil.disk_usage(file.parent).free
        raise OSError(
            error.errno,
            f'Could not write {file}, {len(content) / 1e6:.1f} MB, with {free / 1e6:.1f} MB '
            f'free on its disk ({error.strerror})',
        ) from None


def _sync_folder(folder: Path) -> None:
    """Has the disk know of a new name, where folders can be opened."""
    if os.name == 'posix':
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
