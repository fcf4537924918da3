"""A file of rows that many processes map, and one of them makes.

The file is numpy's ``.npy``.
"""

import io
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from filelock import FileLock
from mmengine.logging import MMLogger
from rich.filesize import decimal
from rich.progress import track

CHUNK = 64


def map_rows(file: Path, dtype: np.dtype, count: int) -> np.ndarray | None:
    """Rows of a file, mapped and read-only, or None where it is not there whole."""
    try:
        rows = np.load(file, mmap_mode='r', allow_pickle=False)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValueError, EOFError):
        rows = np.empty(0)
    if rows.dtype != dtype or rows.shape != (count,):
        MMLogger.get_current_instance().warning(f'{file} is damaged and is made anew.')
        return None
    return rows.view(np.ndarray)


def make_rows(
    file: Path, dtype: np.dtype, sources: Sequence[str], row: Callable[[str], np.void]
) -> None:
    """Makes a file in threads, unless another process does so meanwhile.

    It has its name when it is whole. A killed process's part is continued by the next.

    Args:
        file: To be made.
        dtype: Of a row.
        sources: What each row is made from.
        row: Makes it.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        # mmengine's barrier would give up after half an hour
        lock = FileLock(file.with_suffix('.lock'))
        lock.acquire()
    except OSError as error:
        raise OSError(
            f'Expected `cache` to be a folder to write to, or one that has {file.name}, '
            f'but got {file.parent} ({error.strerror}).'
        ) from None
    try:
        if map_rows(file, dtype, len(sources)) is None:
            _write(file, dtype, sources, row)
    finally:
        lock.release()


def _write(
    file: Path, dtype: np.dtype, sources: Sequence[str], row: Callable[[str], np.void]
) -> None:
    part = file.with_suffix('.part')
    header = _header(dtype, len(sources))
    written = part.stat().st_size if part.exists() else 0
    done = max(0, written - len(header)) // dtype.itemsize
    total = len(header) + len(sources) * dtype.itemsize
    _check_space(file.parent, total - written)
    what = f'{len(sources)} images, {decimal(total)}'
    MMLogger.get_current_instance().info(f'Decoding {what}, to {file}')
    try:
        with open(part, 'r+b' if done else 'wb') as out:
            out.write(header)
            out.truncate(len(header) + done * dtype.itemsize)
            out.seek(0, os.SEEK_END)
            rows = _in_threads(row, sources[done:])
            for made in track(rows, f'decoding {what}', len(sources) - done):
                out.write(made.tobytes())
            out.flush()
            os.fsync(out.fileno())
    except Exception:
        part.unlink(missing_ok=True)  # that of an interrupted process stays
        raise
    os.replace(part, file)


def _header(dtype: np.dtype, count: int) -> bytes:
    header = io.BytesIO()
    descr = np.lib.format.dtype_to_descr(dtype)
    np.lib.format.write_array_header_1_0(
        header, dict(descr=descr, fortran_order=False, shape=(count,))
    )
    return header.getvalue()


def _in_threads(
    row: Callable[[str], np.void], sources: Sequence[str]
) -> Iterator[np.void]:
    with ThreadPoolExecutor() as pool:
        for start in range(0, len(sources), CHUNK):
            yield from pool.map(row, sources[start : start + CHUNK])


def _check_space(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise OSError(
            f'Expected {decimal(needed)} of free space in {folder}, the `cache` of the '
            f'data set, but there are {decimal(free)}; make room, set `cache` to a '
            'folder elsewhere, or leave it out.'
        )
