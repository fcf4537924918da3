"""Which pixels may widen their component's box."""

import numpy as np

from mmwsol.functional.compiled import compiled
from mmwsol.functional.contours.landscape import MARGIN

# offsets without a sign keep numba from checking for negative indices in inner loops
_index = np.uintp


@compiled
def _mark_inner(
    flat: np.ndarray,
    start: int,
    count: int,
    outward: int,
    along: int,
    diagonal: bool,
    inner: np.ndarray,
) -> None:
    """Marks pixels from which a path along the contour leads further outward.

    A path goes up to eight pixels sideways without falling below the pixel, and from any
    of them one outward (`diagonal`: the last two moves at once). The loop is written out, so
    that the compiler handles many pixels at a time.

    Above and below, MARGIN rows of frame hold every path. To the left and right there is one
    column, and a path may run past it into the next row; that changes nothing. A frame of 0
    ends every path of a pixel that matters; a frame of the sky, 255 here, leads further
    outward by itself, and the pixel drains into it.

    Args:
        flat: Heights as bytes, flat.
        start: The first pixel that is looked at.
        count: The number of pixels.
        outward: Distance in the flat map to the neighbour in the direction of the border.
        along: Distance to the neighbour sideways.
        diagonal: 8 neighbours instead of 4.
        inner: The marks, 1 for pixels that do not widen a box in this direction.
    """
    own, out0 = _index(start), _index(start + outward)
    side1, out1 = _index(start + along), _index(start + outward + along)
    side2, out2 = _index(start + 2 * along), _index(start + outward + 2 * along)
    side3, out3 = _index(start + 3 * along), _index(start + outward + 3 * along)
    side4, out4 = _index(start + 4 * along), _index(start + outward + 4 * along)
    side5, out5 = _index(start + 5 * along), _index(start + outward + 5 * along)
    side6, out6 = _index(start + 6 * along), _index(start + outward + 6 * along)
    side7, out7 = _index(start + 7 * along), _index(start + outward + 7 * along)
    side8, out8 = _index(start + 8 * along), _index(start + outward + 8 * along)
    if diagonal:  # the outward pixel k aside is next to the one k - 1 aside
        side8, side7, side6, side5 = side7, side6, side5, side4
        side4, side3, side2, side1 = side3, side2, side1, own
    for j in range(count):
        i = _index(j)
        best = flat[i + out0]
        lowest = flat[i + side1]  # the lowest pixel on the way
        best = max(best, min(lowest, flat[i + out1]))
        lowest = min(lowest, flat[i + side2])
        best = max(best, min(lowest, flat[i + out2]))
        lowest = min(lowest, flat[i + side3])
        best = max(best, min(lowest, flat[i + out3]))
        lowest = min(lowest, flat[i + side4])
        best = max(best, min(lowest, flat[i + out4]))
        lowest = min(lowest, flat[i + side5])
        best = max(best, min(lowest, flat[i + out5]))
        lowest = min(lowest, flat[i + side6])
        best = max(best, min(lowest, flat[i + out6]))
        lowest = min(lowest, flat[i + side7])
        best = max(best, min(lowest, flat[i + out7]))
        lowest = min(lowest, flat[i + side8])
        best = max(best, min(lowest, flat[i + out8]))
        inner[i] |= np.uint8(best >= flat[i + own])


@compiled
def _as_bytes(heights: np.ndarray) -> np.ndarray:
    """Flat heights, the sky lowered to 255, so that twice as many fit into a register."""
    flat = heights.ravel()
    out = np.empty(len(flat), np.uint8)
    for i in range(len(flat)):
        out[i] = min(flat[i], 255)
    return out


@compiled
def outermost_pixels(heights: np.ndarray, diagonal: bool) -> np.ndarray:
    """Mask ``(rows, width)`` of the pixels that may widen their component's box.

    A pixel with a path of pixels no lower than itself to one further left is in no
    component as its leftmost: whenever it is above the water, so is the path. The same holds
    for right, top and bottom. Only short paths are looked at, so the mask may hold pixels
    that widen nothing, but it lacks none that does; of most maps a fifth is left.
    """
    rows, width = heights.shape
    flat = _as_bytes(heights)
    start, count = MARGIN * width, (rows - 2 * MARGIN) * width
    marked = np.zeros((rows, width), np.uint8)
    out = marked.ravel()[start : start + count]
    for outward, along in ((-1, width), (1, width), (-width, 1), (width, 1)):
        inner = np.zeros(count, np.uint8)
        _mark_inner(flat, start, count, outward, along, diagonal, inner)
        _mark_inner(flat, start, count, outward, -along, diagonal, inner)
        for i in range(count):
            out[i] |= inner[i] ^ 1
    return marked
