"""All components of a map at all thresholds, from one pass.

``G`` grey levels 0 to 254: at level t the foreground is every pixel above t. Its
components have 8 neighbours; holes are components of the rest with 4 neighbours that do
not reach the border. That is what OpenCV's contour tree holds (``RETR_TREE``), and a test
compares the two. Boxes are xyxy in pixels, x1 and y1 exclusive: a box that starts at
column 2 and is 3 wide is ``(2, ., 5, .)``. That of a hole is that of its contour, which
runs through the pixels around it.
"""

from typing import NamedTuple

import numpy as np

from mmwsol.functional.compiled import compiled, warn_if_slow
from mmwsol.functional.landscape import (
    MARGIN,
    SKY,
    climb,
    framed,
    hills,
    outermost_pixels,
    passes,
    polygon_growth,
)

LEVELS = 255
"""Number of grey levels a threshold can fall on: 0 to 254."""
MEASURES = ('polygon', 'pixels')


class Components(NamedTuple):
    """What :func:`trace_components` finds."""

    boxes: np.ndarray
    """``(M, 4)`` int32, of components and holes."""
    levels: np.ndarray
    """``(M, 2)`` int32, each box's first and last grey level."""
    largest: np.ndarray
    """``(255, 4)`` int32, the largest component's box at each level; -1 for none."""


def trace_components(grey: np.ndarray, measure: str = 'polygon') -> Components:
    """Boxes of every component and hole at every grey level.

    Args:
        grey: ``(H, W)`` uint8.
        measure: What makes a component the largest: `'polygon'`, the area of its outer
            contour's polygon, holes filled (``cv2.contourArea``; of equals the one that
            OpenCV lists first, whose first pixel is the last in raster order), or
            `'pixels'`, their number (of equals the first in raster order).

    >>> grey = np.zeros((5, 6), np.uint8); grey[1:4, 2:5] = 255; grey[2, 3] = 100
    >>> found = trace_components(grey)
    >>> [(box.tolist(), levels.tolist()) for box, levels in zip(found.boxes, found.levels)]
    [([2, 1, 5, 4], [0, 254]), ([2, 1, 5, 4], [100, 254])]
    >>> found.largest[[0, 254]].tolist()
    [[2, 1, 5, 4], [2, 1, 5, 4]]
    """
    if grey.dtype != np.uint8 or grey.ndim != 2 or 0 in grey.shape:
        raise ValueError(
            f'Expected a grey map (H, W) of uint8, but got {grey.shape} of {grey.dtype}.'
        )
    if max(grey.shape) >= 2**15:
        raise ValueError(
            f'Expected a map of less than 32768 pixels a side, but got {grey.shape}.'
        )
    if measure not in MEASURES:
        raise ValueError(
            f'Expected `measure` to be one of {MEASURES}, but got {measure!r}.'
        )
    warn_if_slow()
    return _trace(np.ascontiguousarray(grey), measure == 'polygon')


@compiled
def _by_level(values: np.ndarray, levels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Values sorted by level, and where each level's begin (257 entries)."""
    start = np.zeros(257, np.int64)
    for i in range(len(levels)):
        start[levels[i] + 1] += 1
    for level in range(256):
        start[level + 1] += start[level]
    place = start.copy()
    ordered = np.empty(len(values), np.int64)
    for i in range(len(values)):
        ordered[place[levels[i]]] = values[i]
        place[levels[i]] += 1
    return ordered, start


@compiled
def _edge_pixels(
    hill: np.ndarray, heights: np.ndarray, marked: np.ndarray, skip: int
) -> tuple[np.ndarray, np.ndarray]:
    """Hill, row and column of every marked pixel, by level.

    Packed as ``hill << 32 | y << 16 | x``; hills below `skip` are left out.
    """
    rows, width = heights.shape
    flat = heights.ravel()
    start = np.zeros(257, np.int64)
    for pixel in range(rows * width):
        if marked[pixel]:
            marked[pixel] = hill[pixel] >= skip
            if marked[pixel]:
                start[flat[pixel] + 1] += 1
    for level in range(256):
        start[level + 1] += start[level]
    place = start.copy()
    packed = np.empty(start[256], np.int64)
    for y in range(MARGIN, rows - MARGIN):
        for x in range(1, width - 1):
            pixel = y * width + x
            if marked[pixel]:
                at = place[flat[pixel]]
                packed[at] = (
                    (np.int64(hill[pixel]) << 32) | ((y - MARGIN) << 16) | (x - 1)
                )
                place[flat[pixel]] += 1
    return packed, start


@compiled
def _root(parent: np.ndarray, hill: int) -> int:
    while parent[hill] != hill:
        parent[hill] = parent[parent[hill]]
        hill = parent[hill]
    return hill


@compiled
def _widen(box: np.ndarray, hill: int, other: int) -> None:
    box[hill, 0] = min(box[hill, 0], box[other, 0])
    box[hill, 1] = min(box[hill, 1], box[other, 1])
    box[hill, 2] = max(box[hill, 2], box[other, 2])
    box[hill, 3] = max(box[hill, 3], box[other, 3])


@compiled
def _close(
    boxes: np.ndarray,
    levels: np.ndarray,
    found: int,
    box: np.ndarray,
    since: np.ndarray,
    hill: int,
    level: int,
) -> int:
    """Notes a hill's box before it changes at a level, once; returns how many there are."""
    if since[hill] not in (0, level):
        boxes[found] = box[hill]
        levels[found, 0], levels[found, 1] = level, since[hill] - 1
        found += 1
    since[hill] = level
    return found


@compiled
def _sweep_boxes(
    pixels: np.ndarray,
    pixel_start: np.ndarray,
    pairs: np.ndarray,
    pair_start: np.ndarray,
    count: int,
    skip: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Boxes while the water falls from 255 to 1, each with the levels it stands for.

    Hills below `skip` have no box, and what joins them has none from then on.

    Returns:
        Boxes ``(M, 4)``, levels ``(M, 2)``, and the hill each hill was joined to ``(K,)``,
        -1 for none, with the height at which.
    """
    parent = np.arange(count)
    joined_to, joined_at = np.full(count, -1), np.zeros(count, np.int64)
    box = np.empty((count, 4), np.int32)
    box[:, :2], box[:, 2:] = 2**15, -1
    since = np.zeros(count, np.int64)  # height of the last change; 0: no box yet
    boxes = np.empty((len(pixels) + 3 * count, 4), np.int32)
    levels = np.empty((len(pixels) + 3 * count, 2), np.int32)
    found = 0
    for level in range(255, 0, -1):
        for i in range(pixel_start[level], pixel_start[level + 1]):
            own = _root(parent, pixels[i] >> 32)
            if own < skip:
                continue
            x, y = np.int32(pixels[i] & 0xFFFF), np.int32((pixels[i] >> 16) & 0xFFFF)
            if x < box[own, 0] or x > box[own, 2] or y < box[own, 1] or y > box[own, 3]:
                found = _close(boxes, levels, found, box, since, own, level)
                box[own, 0], box[own, 2] = min(box[own, 0], x), max(box[own, 2], x)
                box[own, 1], box[own, 3] = min(box[own, 1], y), max(box[own, 3], y)
        for i in range(pair_start[level], pair_start[level + 1]):
            one = _root(parent, pairs[i] >> 32)
            two = _root(parent, pairs[i] & 0xFFFFFFFF)
            if one == two:
                continue
            own, other = min(one, two), max(one, two)
            found = _close(boxes, levels, found, box, since, other, level)
            if own >= skip:
                found = _close(boxes, levels, found, box, since, own, level)
                _widen(box, own, other)
            parent[other] = own
            joined_to[other], joined_at[other] = own, level
    for own in range(skip, count):
        if parent[own] == own:
            found = _close(boxes, levels, found, box, since, own, 0)
    return boxes[:found], levels[:found], joined_to, joined_at


@compiled
def _growth_by_level(
    hill: np.ndarray, size: np.ndarray, heights: np.ndarray, growth: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """By how much the pixels of each hill and height grow it, by level.

    Packed as ``hill << 32 | amount``. A large hill has an entry for each height, a small
    one for each pixel, so there are never more than pixels.
    """
    place = np.empty(len(size), np.int64)
    total = 0
    for own in range(len(size)):
        place[own] = total
        total += min(size[own], 256)
    packed, levels = np.zeros(total, np.int64), np.zeros(total, np.uint8)
    flat, flat_growth = heights.ravel(), growth.ravel()
    for pixel in range(len(hill)):
        own = hill[pixel]
        if own < 0 or flat_growth[pixel] == 0:
            continue
        if size[own] >= 256:
            entry = place[own] + flat[pixel]
        else:
            entry = place[own]
            place[own] += 1
        packed[entry] += flat_growth[pixel]
        levels[entry] = flat[pixel]
    count = 0
    entry = 0
    for own in range(len(size)):
        for _ in range(min(size[own], 256)):
            if packed[entry]:
                packed[count] = (np.int64(own) << 32) | packed[entry]
                levels[count] = levels[entry]
                count += 1
            entry += 1
    return _by_level(packed[:count], levels[:count])


@compiled
def _sweep_largest(
    pixels: np.ndarray,
    pixel_start: np.ndarray,
    growths: np.ndarray,
    growth_start: np.ndarray,
    pairs: np.ndarray,
    pair_start: np.ndarray,
    count: int,
    last_of_equals: bool,
) -> np.ndarray:
    """The largest component's box at each level, ``(255, 4)``, -1 where there is none."""
    parent = np.arange(count)
    box = np.empty((count, 4), np.int32)
    box[:, :2], box[:, 2:] = 2**15, -1
    size = np.zeros(count, np.int64)
    first = np.full(count, 2**32)  # first pixel in raster order
    touched, touched_at = np.empty(count, np.int64), np.zeros(count, np.int64)
    tied, is_tied = np.empty(count, np.int64), np.zeros(count, np.bool_)
    number_tied, top = 0, -1
    largest = np.full((LEVELS, 4), -1, np.int32)
    for level in range(255, 0, -1):
        number_touched = 0
        for i in range(pixel_start[level], pixel_start[level + 1]):
            own = _root(parent, pixels[i] >> 32)
            x, y = np.int32(pixels[i] & 0xFFFF), np.int32((pixels[i] >> 16) & 0xFFFF)
            box[own, 0], box[own, 2] = min(box[own, 0], x), max(box[own, 2], x)
            box[own, 1], box[own, 3] = min(box[own, 1], y), max(box[own, 3], y)
            first[own] = min(first[own], pixels[i] & 0xFFFFFFFF)
            if touched_at[own] != level:
                touched_at[own] = level
                touched[number_touched] = own
                number_touched += 1
        for i in range(growth_start[level], growth_start[level + 1]):
            own = _root(parent, growths[i] >> 32)
            size[own] += growths[i] & 0xFFFFFFFF
            if touched_at[own] != level:
                touched_at[own] = level
                touched[number_touched] = own
                number_touched += 1
        for i in range(pair_start[level], pair_start[level + 1]):
            one = _root(parent, pairs[i] >> 32)
            two = _root(parent, pairs[i] & 0xFFFFFFFF)
            if one == two:
                continue
            own, other = min(one, two), max(one, two)
            parent[other] = own
            _widen(box, own, other)
            size[own] += size[other]
            first[own] = min(first[own], first[other])
            if touched_at[own] != level:
                touched_at[own] = level
                touched[number_touched] = own
                number_touched += 1
        if number_touched == 0:
            if level < LEVELS:
                largest[level - 1] = largest[level]
            continue
        # components only grow, so only the touched can become the largest
        for i in range(number_touched):
            own = touched[i]
            if parent[own] == own and size[own] >= top:
                if size[own] > top:
                    top = size[own]
                    for k in range(number_tied):
                        is_tied[tied[k]] = False
                    number_tied = 0
                if not is_tied[own]:
                    is_tied[own] = True
                    tied[number_tied] = own
                    number_tied += 1
        kept, best = 0, -1
        for i in range(number_tied):
            own = tied[i]
            if parent[own] != own or size[own] != top:
                is_tied[own] = False
                continue
            tied[kept] = own
            kept += 1
            if best < 0 or (first[own] > first[best]) == last_of_equals:
                best = own
        number_tied = kept
        largest[level - 1] = box[best]
    return largest


def _swept(
    hill: np.ndarray, count: int, heights: np.ndarray, diagonal: bool
) -> tuple[tuple, tuple, tuple]:
    """Edge pixels and passes, each sorted, and what :func:`_sweep_boxes` makes of them."""
    skip = 0 if diagonal else 1
    marked = outermost_pixels(heights, diagonal)
    pixels = _edge_pixels(hill, heights, marked, skip)
    pairs = _by_level(*passes(hill, heights, diagonal))
    return pixels, pairs, _sweep_boxes(*pixels, *pairs, count, skip)


@compiled
def _filled(
    heights: np.ndarray,
    basin: np.ndarray,
    joined_to: np.ndarray,
    joined_at: np.ndarray,
) -> np.ndarray:
    """Raises the floor of each hole to its rim, where it drains into the frame."""
    rim = np.full(len(joined_to), 255, np.uint16)
    rim[0] = 0
    for own in range(1, len(rim)):
        if joined_to[own] == 0:
            rim[own] = 255 - joined_at[own]
        elif joined_to[own] > 0:  # always one of a smaller number
            rim[own] = rim[joined_to[own]]
    filled = heights.copy()
    flat = filled.ravel()
    for pixel in range(len(basin)):
        if basin[pixel] > 0:
            flat[pixel] = max(flat[pixel], rim[basin[pixel]])
    return filled


def _trace(grey: np.ndarray, polygon: bool) -> Components:
    depths = framed(grey, SKY, True)
    basin, basin_size = hills(climb(depths, False), depths, True)
    _, _, holes = _swept(basin, len(basin_size), depths, False)

    heights = framed(grey, 0, False)
    has_holes = polygon and len(basin_size) > 1
    filled = _filled(heights, basin, *holes[2:]) if has_holes else heights
    hill, hill_size = hills(climb(heights, True), filled, False)
    pixels, pairs, peaks = _swept(hill, len(hill_size), heights, True)
    if has_holes:
        pairs = _by_level(*passes(hill, filled, True))
    growth = polygon_growth(filled) if polygon else np.ones(heights.shape, np.uint8)
    growths = _growth_by_level(hill, hill_size, filled, growth)
    largest = _sweep_largest(*pixels, *growths, *pairs, len(hill_size), polygon)

    # exclusive ends; a hole's contour runs through the pixels around it
    boxes = np.concatenate([peaks[0] + [0, 0, 1, 1], holes[0] + [-1, -1, 2, 2]])
    # upside down, levels count from the other end
    levels = np.concatenate([peaks[1], LEVELS - 1 - holes[1][:, ::-1]])
    largest[largest[:, 0] >= 0, 2:] += 1
    return Components(boxes, levels, largest)
