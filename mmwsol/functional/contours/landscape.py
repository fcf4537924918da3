"""A grey map as a landscape: hills, saddles, and where a component's box may grow.

At threshold t the foreground is what rises above water level t. Every pixel climbs, by its
highest neighbour, to one top; the pixels of a top are a hill. What a hill has above the
water is connected, because each pixel's way to the top only rises. So components are hills,
joined where the falling water uncovers a saddle. Few pixels are saddles or widen a box; the
rest are passed over sixteen at a time.

Pixels of equal height are ordered, the later in raster order being the higher, so that no
two tops touch and the water uncovers one pixel after another. Hence the comparisons: a
neighbour earlier in raster order (NW, N, NE, W) is higher if ``>``, a later one (E, SW, S, SE)
if ``>=``.

All arrays are framed: ``(H + 2 * MARGIN, W + 2)``, flattened where a function says so. For
the background (holes) the same functions run on the map upside down, with 4 neighbours where
the foreground has 8.
"""

import numpy as np

from mmwsol.functional.compiled import compiled

LEVELS = 255
"""Number of grey levels a threshold can fall on: 0 to 254."""
MARGIN = 9
"""Rows of frame above and below, for looking up to 8 rows away and 1 aside."""
TOP = 5
"""Code of a pixel that no neighbour rises above."""
SKY = 256
"""Frame of an upside-down map: higher than any pixel, so the border drains into it."""


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

    The direction is carried in the low four bits of the height, so that one maximum finds
    both. Codes grow in raster order, so of equal heights the later wins, as it should.
    """
    rows, width = heights.shape
    code = np.full((rows, width), TOP, np.uint8)
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
                # rows differ by 4 in the code, and best of a row has a code of 0 to 2
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
def find_hill(
    pixel: int,
    code: np.ndarray,
    step: np.ndarray,
    hill: np.ndarray,
    tops: np.ndarray,
    way: np.ndarray,
) -> int:
    """Number of a pixel's hill.

    Args:
        pixel: The pixel's place in the flat map.
        code: Codes from :func:`climb`, flat.
        step: Distances from :func:`steps`.
        hill: Numbers found so far, flat, -1 where unknown; the whole way is filled in.
        tops: The number of hills so far, then the pixel of each one's top.
        way: Room for as many pixels as the map has.
    """
    length = 0
    number = hill[pixel]
    while number < 0:
        way[length] = pixel
        length += 1
        if code[pixel] == TOP:
            number = np.int32(tops[0])
            tops[0] += 1
            tops[tops[0]] = pixel
        else:
            pixel += step[code[pixel]]
            number = hill[pixel]
    for i in range(length):
        hill[way[i]] = number
    return number


@compiled
def steps(width: int) -> np.ndarray:
    """Distance in a flat map that each code of :func:`climb` stands for."""
    step = np.zeros(16, np.int32)
    for code in range(16):
        step[code] = ((code >> 2) - 1) * width + (code & 3) - 1
    return step


@compiled
def saddles(heights: np.ndarray, diagonal: bool) -> np.ndarray:
    """Mask ``(rows, width)`` of the pixels that may join hills.

    These are the pixels whose higher neighbours fall into two groups or more. Two neighbours
    are of a group if they touch, with 4 neighbours by way of the corner between them.

    No other pixel joins anything: if its higher neighbours are one group, each two that touch
    were joined when the lower of them was uncovered, which was earlier, and the pixel itself
    belongs to the hill of the highest. Two groups of a marked pixel may have met elsewhere;
    joining them again changes nothing.
    """
    rows, width = heights.shape
    marked = np.zeros((rows, width), np.uint8)
    for y in range(MARGIN, rows - MARGIN):
        above, here, below, out = heights[y - 1], heights[y], heights[y + 1], marked[y]
        for x in range(1, width - 1):
            own = here[x]
            nw, n = np.uint8(above[x - 1] > own), np.uint8(above[x] > own)
            ne, w = np.uint8(above[x + 1] > own), np.uint8(here[x - 1] > own)
            e, sw = np.uint8(here[x + 1] >= own), np.uint8(below[x - 1] >= own)
            s, se = np.uint8(below[x] >= own), np.uint8(below[x + 1] >= own)
            if diagonal:
                # N, E, S and W touch the next of them across the corner: they are one group,
                # unless there are two and they are opposite. A corner touches the two sides
                # next to it alone, and is a group of its own without them.
                sides = n | e | s | w
                opposite = (n & s & ~(e | w)) | (e & w & ~(n | s))
                corners = (ne & ~(n | e)) + (se & ~(s | e))
                corners += (sw & ~(s | w)) + (nw & ~(n | w))
                groups = sides + (opposite & 1) + corners
            else:
                # each side is a group, less one for each two that a corner connects; a closed
                # ring gives 0 in place of 1, and neither is a saddle
                groups = n + e + s + w
                groups -= (n & ne & e) + (e & se & s) + (s & sw & w) + (w & nw & n)
            out[x] = np.uint8(groups >= 2)
    return marked


@compiled
def polygon_growth(heights: np.ndarray) -> np.ndarray:
    """What each pixel adds to its component's polygon, in half pixels, framed uint8.

    The polygon runs through the centres of the border pixels. Cut the plane into squares
    whose corners are the centres of four neighbouring pixels: the polygon covers a square if
    all four are above the water, half of it, a triangle, if three are, and nothing of it if
    two or fewer are. So the third pixel of a square to rise above the water adds half a
    pixel, and the fourth another half. A pixel is in four squares and adds to each whose
    other three pixels have at least two above the water already.
    """
    rows, width = heights.shape
    growth = np.zeros((rows, width), np.uint8)
    for y in range(MARGIN, rows - MARGIN):
        above, here, below = heights[y - 1], heights[y], heights[y + 1]
        out = growth[y]
        for x in range(1, width - 1):
            own = here[x]
            # which neighbours are above the water before this pixel
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
