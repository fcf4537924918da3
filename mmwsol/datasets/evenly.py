"""Some images of each class, where a few say as much as all."""

from collections.abc import Sequence

# ten are as good as twenty-five: docs/records/2026-11-25-ddt.md
FITTED_ON = 30
"""Images of a class that are looked at for a closed form, at most."""


def evenly_of_each(labels: Sequence[int], most: int) -> list[int]:
    """Places of at most so many of each label, evenly spaced from the first to the last.

    >>> evenly_of_each([0, 0, 0, 0, 0, 1], 3)
    [0, 2, 4, 5]
    """
    chosen = []
    for label in sorted({*labels}):
        places = [i for i, own in enumerate(labels) if own == label]
        count = min(most, len(places))
        step = (len(places) - 1) / max(1, count - 1)
        chosen += [places[round(i * step)] for i in range(count)]
    return chosen
