"""Machine code for loops over pixels, where numba is installed.

numba compiles a function on its first call, half a minute for all of them, and keeps the
result in a file for the next process. Without numba the same functions run as plain Python:
the same numbers, some hundred times slower. Compiled functions let other threads run
meanwhile.
"""

import functools
import hashlib
import os
import warnings
from collections.abc import Callable
from pathlib import Path

try:
    from numba import config, njit
except ImportError as error:  # absent, or at odds with the installed numpy
    njit, reason = None, str(error)

HERE = Path(__file__).parent


def compiled(function: Callable) -> Callable:
    """Compiles a function of numbers and arrays."""
    if njit is None:
        return function
    before = config.CACHE_DIR
    config.CACHE_DIR = _cache_folder(before)
    try:
        return njit(nogil=True, cache=True)(function)
    except RuntimeError:  # no folder to keep the result in
        return njit(nogil=True)(function)
    finally:
        config.CACHE_DIR = before


def warn_if_slow() -> None:
    """Says once that numba cannot be used."""
    if njit is None:
        warnings.warn(
            f'Without numba ({reason}) maps are evaluated some hundred times slower. '
            'Run: pip install --upgrade numba',
            stacklevel=2,
        )


def _cache_folder(chosen: str) -> str:
    """A folder for compiled code that changes with the source.

    numba looks at the file of the function alone, not at what the function calls.

    Args:
        chosen: The user's own (``NUMBA_CACHE_DIR``), or ''.
    """
    folder = Path(chosen) if chosen else HERE / '__pycache__'
    if not chosen and not os.access(HERE, os.W_OK):
        return chosen  # numba finds one in the user's home; the source does not change
    return str(folder / f'mmwsol-{_digest()}')


@functools.cache
def _digest() -> str:
    """Of all sources beside this one."""
    digest = hashlib.sha256()
    for file in sorted(HERE.glob('*.py')):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
