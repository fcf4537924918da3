"""Machine code for loops over pixels, where numba is installed.

numba compiles a function on its first call, half a minute for all of them, and keeps the
result in a file for the next process. Without numba the same functions run as plain Python and
give the same numbers, some hundred times slower. Compiled functions release the interpreter
lock, so that threads sweep several maps at once.
"""

import functools
import hashlib
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from threading import RLock

HERE = Path(__file__).parent
_LOCK = RLock()


class Compiled:
    """A function of numbers and arrays that is compiled when it is first called.

    Not before: importing numba takes a third of a second, which whoever only imports the
    package need not wait for.

    Args:
        function: The function.
    """

    def __init__(self, function: Callable) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.ready: Callable | None = None

    def __call__(self, *args):
        return (self.ready or self.compile())(*args)

    def compile(self) -> Callable:
        """The compiled function, or the function itself where numba cannot be used."""
        with _LOCK:  # numba's folder is a setting of the process
            self.ready = self.ready or _compile(self.function)
        return self.ready


compiled = Compiled


def _compile(function: Callable) -> Callable:
    if problem():
        return function
    from numba import config, njit

    before = config.CACHE_DIR
    config.CACHE_DIR = _cache_folder(before)
    try:
        return njit(nogil=True, cache=True)(function)
    except RuntimeError:  # no folder to keep the result in
        return njit(nogil=True)(function)
    finally:
        config.CACHE_DIR = before


@functools.cache
def problem() -> str | None:
    """Why numba cannot be used, or None."""
    try:
        from numba import typeof
        from numba.extending import typeof_impl
    except ImportError as error:  # absent, or at odds with the installed numpy
        return str(error)
    # what a compiled function calls by name is compiled as well
    typeof_impl.register(Compiled)(lambda value, context: typeof(value.compile()))
    return None


def warn_if_slow() -> None:
    """Says once that numba cannot be used."""
    if problem():
        warnings.warn(
            f'Without numba ({problem()}) maps are evaluated some hundred times slower. '
            'Run: pip install --upgrade numba',
            stacklevel=2,
        )


def _cache_folder(chosen: str) -> str:
    """A folder for compiled code whose name changes with the source.

    numba compares the file of the function alone, not the files of what it calls, and would
    go on with old code after a change of those.

    Args:
        chosen: The user's own folder (``NUMBA_CACHE_DIR``), or ''.
    """
    folder = Path(chosen) if chosen else HERE / '__pycache__'
    if not chosen and not os.access(HERE, os.W_OK):
        return chosen  # numba finds one in the user's home; the source does not change
    return str(folder / f'mmwsol-{_digest()}')


@functools.cache
def _digest() -> str:
    """A digest of all sources in this folder and below it."""
    digest = hashlib.sha256()
    for file in sorted(HERE.rglob('*.py')):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
