"""Numbers of an option that classes may have their own of, as ``0.3 cat=0.5``."""

import argparse
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mmwsol.config_files import nearest


class ClassValue(NamedTuple):
    """A number for a class, or for all classes that have none of their own."""

    name: str | None
    value: float

    def __str__(self) -> str:
        return f'{self.value:g}' if self.name is None else f'{self.name}={self.value:g}'


def class_value(text: str) -> ClassValue:
    """What a user wrote, taken apart.

    Raises:
        argparse.ArgumentTypeError: It is neither a number nor CLASS=NUMBER, in [0, 1].

    >>> class_value('black cat=0.5')
    ClassValue(name='black cat', value=0.5)
    """
    name, equals, number = text.rpartition('=')
    try:
        value = float(number)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1 or (equals and not name):
        raise argparse.ArgumentTypeError(
            f'Expected a number in [0, 1] or CLASS=NUMBER, but got {text!r}'
        )
    return ClassValue(name if equals else None, value)


def values_of_classes(
    given: Sequence[ClassValue], classes: Sequence[str], option: str, default: float
) -> np.ndarray:
    """A number for each class, ``(K,)``.

    Args:
        given: What a user wrote.
        classes: The names of the classes.
        option: The name of the option, for errors.
        default: The number of classes of which nothing is said.

    Raises:
        ValueError: There is no such class, or something is said twice.

    >>> own = [ClassValue(None, 0.3), ClassValue('cat', 0.5)]
    >>> values_of_classes(own, ['cat', 'dog'], '--lowest-score', 0.0)
    array([0.5, 0.3])
    """
    own = dict(given)
    if len(own) < len(given):
        names = [one.name for one in given]
        twice = next(name for name in names if names.count(name) > 1)
        what = 'all classes' if twice is None else repr(twice)
        raise ValueError(
            f'Expected one number in `{option}` for each class, but got several for {what}.'
        )
    values = np.full(len(classes), own.pop(None, default))
    for name, value in own.items():
        if name not in classes:
            raise ValueError(
                f'Expected the name of a class in `{option}`, but got {name!r}'
                f'{nearest(str(name), classes)}'
            )
        values[[one == name for one in classes]] = value
    return values
