"""A grey map as a landscape: hills, and where they meet.

At threshold t the foreground is what rises above water level t. Every pixel climbs, by its
highest neighbour, to one top; the pixels of a top are a hill. A hill above the water is
connected, so components are hills joined over their passes, and only passes, tops and the
outermost pixels of a hill need a closer look.

All arrays are framed: ``(H + 2 * MARGIN, W + 2)`` uint16, flattened where a function says
so. Pixels of equal height are ordered, the later in raster order being the higher. For the
background (holes) the same functions run on the map upside down, with 4 neighbours where
the foreground has 8.
"""

import numpy as np

from mmwsol.functional.compiled import compiled

MARGIN = 4
"""Rows of frame above and below, for looking up to 3 rows away."""
SKY = 256
"""Frame of an upside-down map: higher than any pixel, so the border drains into it."""

# offsets without a sign keep numba from checking for negative indices in inner loops
_index = np.uintp


@compiled
def framed(grey: np.ndarray, frame: int, upside_down: bool) -> np.ndarray:
    """``(H, W)`` uint8 with a frame of one height around it."""
    height, width = grey.shape
    out = np.full((height + 2 * MARGIN, width + 2), frame, np.uint16)
    for y in range(height):
        source, target = grey[y], out[y + MARGIN]
        for x in range(width):
            target[x + 1] = 255 - source[x] if upside_down else source[x]
    return out


@compiled
def climb(heights: np.ndarray, diagonal: bool) -> np.ndarray:
    """Where each pixel's highest neighbour lies: ``4 * (dy + 1) + dx + 1``, 5 for a top.

    The direction is carried in the low bits of the height, so that one maximum finds
    both and equal heights are ordered as they should be.
    """
    rows, width = heights.shape
    code = np.full((rows, width), 5, np.uint8)
    beside = np.zeros((rows, width), np.uint16)  # the highest of three in a row
    if diagonal:
        for y in range(rows):
            here, best = heights[y], beside[y]
            for x in range(1, width - 1):
                left = np.uint16(here[x - 1] << 4)
                own = np.uint16((here[x] << 4) | 1)
                right = np.uint16((here[x + 1] << 4) | 2)
                best[x] = max(max(left, own), right)
    for y in range(MARGIN, rows - MARGIN):
        above, here, below = heights[y - 1], heights[y], heights[y + 1]
        best0, best1, best2, out = beside[y - 1], beside[y], beside[y + 1], code[y]
        if diagonal:
            for x in range(1, width - 1):
                middle, lower = np.uint16(best1[x] + 4), np.uint16(best2[x] + 8)
                out[x] = np.uint8(max(max(best0[x], middle), lower) & 15)
        else:
            for x in range(1, width - 1):
                upper = np.uint16((above[x] << 4) | 1)
                left = np.uint16((here[x - 1] << 4) | 4)
                own = np.uint16((here[x] << 4) | 5)
                right = np.uint16((here[x + 1] << 4) | 6)
                lower = np.uint16((below[x] << 4) | 9)
                out[x] = np.uint8(
                    max(max(max(upper, left), max(right, lower)), own) & 15
                )
    return code


@compiled
def hills(
    code: np.ndarray, land: np.ndarray, drained: bool
) -> tuple[np.ndarray, np.ndarray]:
    """The hill of every pixel.

    Args:
        code: From :func:`climb`.
        land: Framed; pixels of 0 belong to no hill.
        drained: Whether the frame is a hill, number 0.

    Returns:
        Flat ``(rows * width,)`` numbers of hills, -1 for none, and the pixels of each
        ``(K,)``, 0 for the frame.
    """
    rows, width = code.shape
    flat_code, flat_land = code.ravel(), land.ravel()
    step = np.zeros(16, np.int32)
    for k in range(16):
        step[k] = ((k >> 2) - 1) * width + (k & 3) - 1
    tops = 0
    for pixel in range(rows * width):
        tops += flat_code[pixel] == 5
    hill = np.full(rows * width, -1, np.int32)
    size = np.zeros(tops + 1, np.int32)
    count = 0
    if drained:
        count = 1
        hill[: MARGIN * width] = 0
        hill[(rows - MARGIN) * width :] = 0
        for y in range(MARGIN, rows - MARGIN):
            hill[y * width] = 0
            hill[y * width + width - 1] = 0
    path = np.empty(rows * width, np.int32)
    for y in range(MARGIN, rows - MARGIN):
        for start in range(y * width + 1, y * width + width - 1):
            if hill[start] >= 0 or flat_land[start] == 0:
                continue
            pixel = np.int32(start)
            length = 0
            number = np.int32(-1)
            while number < 0:
                path[length] = pixel
                length += 1
                move = step[flat_code[pixel]]
                if move == 0:
                    number = np.int32(count)
                    count += 1
                else:
                    pixel += move
                    number = hill[pixel]
            for i in range(length):
                hill[path[i]] = number
            size[number] += length
    if drained:
        size[0] = 0
    return hill, size[:count]


@compiled
def _mark_outermost(
    flat: np.ndarray,
    start: int,
    count: int,
    outward: int,
    along: int,
    diagonal: bool,
    outermost: np.ndarray,
) -> None:
    """Marks pixels from which no path along the contour leads further outward.

    A path goes up to three pixels sideways without falling below the pixel, then outward
    (`diagonal`: the last two moves at once).
    """
    own, out = _index(start), _index(start + outward)
    side1, side2 = _index(start - along), _index(start - 2 * along)
    side3 = _index(start - 3 * along)
    out1, out2 = _index(start + outward - along), _index(start + outward - 2 * along)
    out3 = _index(start + outward - 3 * along)
    other1, other2 = _index(start + along), _index(start + 2 * along)
    other3 = _index(start + 3 * along)
    away1, away2 = _index(start + outward + along), _index(start + outward + 2 * along)
    away3 = _index(start + outward + 3 * along)
    for j in range(count):
        i = _index(j)
        best = flat[i + out]
        reached = flat[i + side1]  # the lowest pixel on the way
        if diagonal:
            best = max(best, flat[i + out1])
            best = max(best, min(reached, flat[i + out2]))
            reached = min(reached, flat[i + side2])
            best = max(best, min(reached, flat[i + out3]))
        else:
            best = max(best, min(reached, flat[i + out1]))
            reached = min(reached, flat[i + side2])
            best = max(best, min(reached, flat[i + out2]))
            reached = min(reached, flat[i + side3])
            best = max(best, min(reached, flat[i + out3]))
        reached = flat[i + other1]
        if diagonal:
            best = max(best, flat[i + away1])
            best = max(best, min(reached, flat[i + away2]))
            reached = min(reached, flat[i + other2])
            best = max(best, min(reached, flat[i + away3]))
        else:
            best = max(best, min(reached, flat[i + away1]))
            reached = min(reached, flat[i + other2])
            best = max(best, min(reached, flat[i + away2]))
            reached = min(reached, flat[i + other3])
            best = max(best, min(reached, flat[i + away3]))
        outermost[i] |= np.uint8(best < flat[i + own])


@compiled
def outermost_pixels(heights: np.ndarray, diagonal: bool) -> np.ndarray:
    """Flat mask of the pixels that may widen their component's box.

    A pixel with a path of pixels no lower than itself to one further left is in no
    component as its leftmost; the same for right, top and bottom. Short paths are looked
    at only, so the mask may hold pixels that widen nothing; a third are left of most maps.
    """
    rows, width = heights.shape
    flat = heights.ravel()
    marked = np.zeros(rows * width, np.uint8)
    start, count = MARGIN * width, (rows - 2 * MARGIN) * width
    inner = marked[start : start + count]
    for outward, along in ((-1, width), (1, width), (-width, 1), (width, 1)):
        if diagonal:
            _mark_outermost(flat, start, count, outward, along, True, inner)
        else:
            _mark_outermost(flat, start, count, outward, along, False, inner)
    return marked


@compiled
def polygon_growth(heights: np.ndarray) -> np.ndarray:
    """What each pixel adds to its component's polygon, in half pixels, framed uint8.

    The polygon runs through the centres of the border pixels: of four pixels in a square
    the third to rise above the water adds half a pixel, the fourth another half.
    """
    rows, width = heights.shape
    growth = np.zeros((rows, width), np.uint8)
    for y in range(MARGIN, rows - MARGIN):
        above, here, below = heights[y - 1], heights[y], heights[y + 1]
        out = growth[y]
        for x in range(1, width - 1):
            own = here[x]
            # which neighbours are there before this one; the later of equals are
            nw, n, ne = (
                np.uint8(above[x - 1] > own),
                np.uint8(above[x] > own),
                np.uint8(above[x + 1] > own),
            )
            w, e = np.uint8(here[x - 1] > own), np.uint8(here[x + 1] >= own)
            sw, s, se = (
                np.uint8(below[x - 1] >= own),
                np.uint8(below[x] >= own),
                np.uint8(below[x + 1] >= own),
            )
            out[x] = (
                ((nw & n) | (nw & w) | (n & w))
                + ((ne & n) | (ne & e) | (n & e))
                + ((sw & s) | (sw & w) | (s & w))
                + ((se & s) | (se & e) | (s & e))
            )
    return growth


@compiled
def _meeting_pixels(hill: np.ndarray) -> np.ndarray:
    """Mask ``(rows, width)`` of pixels with another hill to the right or below."""
    rows, width = hill.shape
    marked = np.zeros((rows, width), np.uint8)
    for y in range(MARGIN, rows - MARGIN):
        here, below, out = hill[y], hill[y + 1], marked[y]
        for x in range(1, width - 1):
            own = here[x]
            out[x] = (
                np.uint8(here[x + 1] != own)
                | np.uint8(below[x - 1] != own)
                | np.uint8(below[x] != own)
                | np.uint8(below[x + 1] != own)
            )
    return marked


@compiled
def passes(
    hill: np.ndarray, heights: np.ndarray, diagonal: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Neighbouring pixels of different hills.

    Returns:
        Pairs of hills, packed into ``(P,)`` int64 by 32 bits each, and the height
        ``(P,)`` uint8 at which each pair joins, that of the lower pixel.
    """
    width = heights.shape[1]
    flat = heights.ravel()
    marked = _meeting_pixels(hill.reshape(heights.shape)).ravel()
    total = 0
    for i in range(len(marked)):
        total += int(marked[i])
    pairs, joins = np.empty(4 * total, np.int64), np.empty(4 * total, np.uint8)
    offsets = (1, width, width - 1, width + 1)
    reach = 4 if diagonal else 2
    count = 0
    words = marked[: len(marked) // 8 * 8].view(np.uint64)
    for word in range(len(words) + 1):
        if word < len(words) and words[word] == 0:  # eight pixels at a glance
            continue
        for pixel in range(8 * word, min(8 * word + 8, len(marked))):
            own = hill[pixel]
            if marked[pixel] == 0 or own < 0:
                continue
            for k in range(reach):
                other = hill[pixel + offsets[k]]
                if other >= 0 and other != own:
                    pairs[count] = (np.int64(own) << 32) | other
                    joins[count] = min(flat[pixel], flat[pixel + offsets[k]])
                    count += 1
    return pairs[:count], joins[:count]
