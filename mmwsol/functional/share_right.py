"""What share of boxes is right, said so that a handful of drawn ones does not promise too much.

``N`` images, ``T`` thresholds.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from mmwsol.functional.box_report import unpack_hits
from mmwsol.functional.scores import THRESHOLDS, BoxRecord, level_of

NORMAL_95 = 1.959964


class ShareRight(NamedTuple):
    """Some of all."""

    right: int
    total: int

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the share, in [0, 1].

        >>> low, high = ShareRight(18, 20).interval
        >>> round(low, 3), round(high, 3)
        (0.699, 0.972)
        """
        count, share = self.total, self.right / self.total
        square = NORMAL_95**2
        middle = (share + square / (2 * count)) / (1 + square / count)
        spread = share * (1 - share) / count + square / (4 * count**2)
        half = NORMAL_95 * spread**0.5 / (1 + square / count)
        return max(0.0, middle - half), min(1.0, middle + half)

    def __str__(self) -> str:
        """For a sentence.

        >>> print(ShareRight(18, 20))
        18 of 20; 70-97 %
        """
        low, high = (round(100 * end) for end in self.interval)
        return f'{self.right} of {self.total}; {low}-{high} %'


def hits_of_boxes(records: Sequence[BoxRecord], place: int, count: int) -> np.ndarray:
    """Whether each image's box is right at each of the thousand thresholds, ``(N, T)``.

    Args:
        records: The records.
        place: The place of the IoU among those that the records were made for.
        count: The number of these.
    """
    hits = unpack_hits([record.hits for record in records], count)[:, 1, place]
    levels = np.stack([level_of(THRESHOLDS, record.whole) for record in records])
    return np.take_along_axis(hits, levels, 1).astype(bool)


def middle_of_best(counts: np.ndarray) -> int:
    """The threshold in the middle of those that are best, which is the least accidental.

    >>> middle_of_best(np.array([1, 3, 3, 3, 2]))
    2
    """
    best = np.flatnonzero(counts == counts.max())
    return int(best[len(best) // 2])


def leave_one_out(
    hits: np.ndarray, choose: Callable[[np.ndarray], int] = middle_of_best
) -> ShareRight:
    """The share that is right at a threshold chosen on the other images each time.

    The share at a threshold that was chosen on the same images promises too much.

    Args:
        hits: ``(N, T)`` bool.
        choose: The choice, from the number of hits at each threshold.
    """
    counts = hits.sum(0, dtype=np.int64)
    right = sum(bool(own[choose(counts - own)]) for own in hits)
    return ShareRight(right, len(hits))
