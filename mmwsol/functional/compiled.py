"""Machine code for loops over pixels, where numba is installed.

numba compiles a function on its first call and keeps the result beside the source (or in
the user's cache folder). Without numba the same functions run as plain Python: the same
numbers, some hundred times slower. Compiled functions let other threads run meanwhile.
"""

import warnings
from collections.abc import Callable

try:
    from numba import njit
except ImportError as error:  # absent, or at odds with the installed numpy
    njit, reason = None, str(error)


def compiled(function: Callable) -> Callable:
    """Compiles a function of numbers and arrays."""
    if njit is None:
        return function
    try:
        return njit(nogil=True, cache=True)(function)
    except RuntimeError:  # no folder to keep the result in
        return njit(nogil=True)(function)


def warn_if_slow() -> None:
    """Says once that numba cannot be used."""
    if njit is None:
        warnings.warn(
            f'Without numba ({reason}) maps are evaluated some hundred times slower. '
            'Run: pip install --upgrade numba',
            stacklevel=2,
        )
