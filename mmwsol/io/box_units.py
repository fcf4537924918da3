"""Whether boxes are in pixels of their pictures; shares, percentages and other sizes are not.

``N`` boxes, in the pixels of pictures whose width and height are known.
"""

from typing import NamedTuple

import numpy as np

UNITS = dict(pixels=0.0, share=1.0, percent=100.0)
"""What the width and the height of a picture are in each unit; 0 stands for their own."""
TOLERANCE = 3.0
"""Pixels by which a box may leave its image and be clipped without a word: what rounding of
corners and sides adds up to. A box that is out by more is a mistake mostly."""
LARGEST_SHARE = 2.0
"""No coordinate above it: shares of the picture, a little outside at most."""
UPPER_LEFT, CENTER, SPREAD = 0.75, 0.4, 0.25
"""Where boxes of smaller pictures end and have their mean center, and how far apart centers are
that say something."""
UNLIKELY, IMPOSSIBLE = 0.01, 1e-3
"""How rarely as many true boxes would all end there."""


class UnitDoubt(NamedTuple):
    """What speaks against boxes in pixels."""

    reason: str
    """The end of a sentence."""
    is_certain: bool


def doubt_unit(boxes: np.ndarray, sizes: np.ndarray) -> UnitDoubt | None:
    """What speaks against boxes in pixels, or None.

    Boxes of percentages, or of smaller pictures, all lie in the upper left. Objects may do
    that, too, but rarely many that lie apart.

    Args:
        boxes: The boxes, ``(N, 4)`` xyxy.
        sizes: The widths and heights of their pictures, ``(N, 2)``.

    >>> sizes = np.array([[200, 160]] * 8)
    >>> doubt_unit(np.array([[0.1, 0.2, 0.5, 0.9]] * 8), sizes).is_certain
    True
    >>> doubt_unit(np.array([[10, 20, 50, 90]] * 8), sizes).is_certain
    False
    >>> doubt_unit(np.array([[50, 40, 180, 150]] * 8), sizes)
    """
    if not len(boxes):
        return None
    if boxes.max() <= LARGEST_SHARE < sizes.max() / 2:
        reason = 'no coordinate is above 2: they are shares of the width and height'
        return UnitDoubt(reason, True)
    corners = boxes.reshape(-1, 2, 2) / sizes[:, None]
    reach, centers = corners[:, 1].max(0), corners.mean(1)
    chance = reach.prod() ** len(boxes)
    if (
        (reach > UPPER_LEFT).any()
        or (centers.mean(0) > CENTER).any()
        or chance > UNLIKELY
    ):
        return None
    far_apart = (np.ptp(centers, axis=0) >= SPREAD * reach).all()
    reason = (
        f'all {len(boxes)} lie in the upper left {reach[0]:.0%} x {reach[1]:.0%} of their '
        'pictures, as percentages and boxes of smaller pictures do'
    )
    return UnitDoubt(reason, bool(far_apart and chance < IMPOSSIBLE))


def in_pixels(boxes: np.ndarray, sizes: np.ndarray, unit: str) -> np.ndarray:
    """Boxes of another unit in pixels, ``(N, 4)``.

    >>> in_pixels(np.array([[10, 50, 20, 100]]), np.array([[200, 160]]), 'percent')
    array([[ 20.,  80.,  40., 160.]])
    """
    if not UNITS[unit]:
        return boxes
    return boxes * np.tile(sizes, 2) / UNITS[unit]


def are_corners(boxes: np.ndarray, sizes: np.ndarray) -> bool:
    """Whether boxes that were read as x, y, width, height may be x0, y0, x1, y1 instead."""
    corners = np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], 1)
    full = (corners[:, 2:] > corners[:, :2]).all()
    return bool(full and (corners[:, 2:] <= sizes + 1).all())
