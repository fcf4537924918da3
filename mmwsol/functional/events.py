"""Components of a map as its water level falls: events, and the boxes they make.

Events are sorted by height: pixels that may widen a box, packed as
``hill << 32 | y << 16 | x``, and pairs of hills that a saddle joins, ``hill << 32 | hill``.
"""

from typing import NamedTuple

import numpy as np

from mmwsol.functional.compiled import compiled
from mmwsol.functional.landscape import (
    MARGIN,
    TOP,
    climb,
    find_hill,
    outermost_pixels,
    saddles,
    steps,
)


class Events(NamedTuple):
    """What happens to components while the water falls; arrays are flat."""

    pixels: np.ndarray
    """``(P,)`` int64, by height, lowest first."""
    pixel_start: np.ndarray
    """``(257,)``, where each height's begin."""
    pairs: np.ndarray
    """``(Q,)`` int64."""
    pair_start: np.ndarray
    """``(257,)``"""
    code: np.ndarray
    """From :func:`mmwsol.functional.landscape.climb`."""
    hill: np.ndarray
    """Numbers of hills where a pixel's was asked for, else -1."""
    tops: np.ndarray
    """How many hills there are, then the pixel of each one's top."""


@compiled
def find_events(heights: np.ndarray, diagonal: bool) -> Events:
    """All events of a map.

    Args:
        heights: Framed. Without `diagonal` it is a map upside down, and hill 0 is what
            drains into the frame.
        diagonal: 8 neighbours instead of 4.
    """
    code = climb(heights, diagonal)
    marks = outermost_pixels(heights, diagonal)
    join = saddles(heights, diagonal)
    for y in range(len(marks)):
        row, other = marks[y], join[y]
        for x in range(len(row)):
            row[x] |= other[x] << 1
    return _sorted_events(heights, code, marks, diagonal)


@compiled
def _sorted_events(
    heights: np.ndarray,
    code: np.ndarray,
    marks: np.ndarray,
    diagonal: bool,
) -> Events:
    rows, width = heights.shape
    flat, codes, mark = heights.ravel(), code.ravel(), marks.ravel()
    number_tops, number_saddles = 1, 0
    for pixel in range(len(mark)):
        number_tops += int(codes[pixel] == TOP)
        number_saddles += int(mark[pixel] >> 1)
    hill = np.full(len(mark), -1, np.int32)
    tops = np.zeros(number_tops + 1, np.int64)
    if not diagonal:
        tops[0] = 1
        hill[: MARGIN * width] = 0
        hill[(rows - MARGIN) * width :] = 0
        for y in range(MARGIN, rows - MARGIN):
            hill[y * width] = hill[y * width + width - 1] = 0

    step, way = steps(width), np.empty(len(mark), np.int32)
    around = 8 if diagonal else 4
    offsets = (1, width, -1, -width, width + 1, width - 1, -width - 1, -width + 1)
    pairs = np.empty(around * number_saddles, np.int64)
    heights_joined = np.empty(around * number_saddles, np.uint8)
    number_pairs = 0
    start = np.zeros(257, np.int64)
    words = mark[: len(mark) // 8 * 8].view(np.uint64)
    for word in range(len(words)):  # the frame's end has no marks
        if words[word] == 0:  # eight pixels at a glance
            continue
        for pixel in range(8 * word, 8 * word + 8):
            height = flat[pixel]
            if mark[pixel] == 0 or height == 0:
                mark[pixel] = 0
                continue
            own = find_hill(pixel, codes, step, hill, tops, way)
            if own == 0 and not diagonal:  # the frame and what drains into it
                mark[pixel] &= 2
            if mark[pixel] >> 1:
                for k in range(around):
                    there = pixel + offsets[k]
                    if flat[there] > height or (
                        flat[there] == height and there > pixel
                    ):
                        other = find_hill(there, codes, step, hill, tops, way)
                        if other != own:
                            pairs[number_pairs] = (np.int64(own) << 32) | other
                            heights_joined[number_pairs] = height
                            number_pairs += 1
            mark[pixel] &= 1
            if mark[pixel]:
                start[height + 1] += 1
    for height in range(256):
        start[height + 1] += start[height]
    place = start.copy()
    pixels = np.empty(start[256], np.int64)
    y, row_start = -MARGIN, 0  # kept along: a division takes longer than all the rest
    for word in range(len(words)):
        if words[word] == 0:
            continue
        for pixel in range(8 * word, 8 * word + 8):
            if mark[pixel]:
                while pixel >= row_start + width:
                    y += 1
                    row_start += width
                at = place[flat[pixel]]
                x = pixel - row_start - 1
                pixels[at] = (np.int64(hill[pixel]) << 32) | (y << 16) | x
                place[flat[pixel]] += 1
    pairs, pair_start = by_height(pairs[:number_pairs], heights_joined[:number_pairs])
    return Events(pixels, start, pairs, pair_start, codes, hill, tops)


@compiled
def by_height(values: np.ndarray, heights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Values sorted by height, and where each height's begin ``(257,)``."""
    start = np.zeros(257, np.int64)
    for i in range(len(heights)):
        start[heights[i] + 1] += 1
    for height in range(256):
        start[height + 1] += start[height]
    place = start.copy()
    ordered = np.empty(len(values), np.int64)
    for i in range(len(values)):
        ordered[place[heights[i]]] = values[i]
        place[heights[i]] += 1
    return ordered, start


@compiled
def find_root(parent: np.ndarray, hill: int) -> int:
    """The hill that stands for a hill's component."""
    while parent[hill] != hill:
        parent[hill] = parent[parent[hill]]
        hill = parent[hill]
    return hill


@compiled
def widen(box: np.ndarray, hill: int, other: int) -> None:
    """Takes another hill's box into a hill's."""
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
def sweep_boxes(
    events: Events, skip: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Boxes while the water falls from 255 to 1, each with the levels it stands for.

    Hills below `skip` have no box, and what joins them has none from then on.

    Returns:
        Boxes ``(M, 4)``, inclusive ends, levels ``(M, 2)``, and the hill each hill was
        joined to ``(K,)``, -1 for none, with the height at which.
    """
    pixels, pixel_start = events.pixels, events.pixel_start
    pairs, pair_start = events.pairs, events.pair_start
    count = events.tops[0]
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
            own = find_root(parent, pixels[i] >> 32)
            if own < skip:
                continue
            x, y = np.int32(pixels[i] & 0xFFFF), np.int32((pixels[i] >> 16) & 0xFFFF)
            if x < box[own, 0] or x > box[own, 2] or y < box[own, 1] or y > box[own, 3]:
                found = _close(boxes, levels, found, box, since, own, level)
                box[own, 0], box[own, 2] = min(box[own, 0], x), max(box[own, 2], x)
                box[own, 1], box[own, 3] = min(box[own, 1], y), max(box[own, 3], y)
        for i in range(pair_start[level], pair_start[level + 1]):
            one = find_root(parent, pairs[i] >> 32)
            two = find_root(parent, pairs[i] & 0xFFFFFFFF)
            if one == two:
                continue
            own, other = min(one, two), max(one, two)
            found = _close(boxes, levels, found, box, since, other, level)
            if own >= skip:
                found = _close(boxes, levels, found, box, since, own, level)
                widen(box, own, other)
            parent[other] = own
            joined_to[other], joined_at[other] = own, level
    for own in range(skip, count):
        if parent[own] == own:
            found = _close(boxes, levels, found, box, since, own, 0)
    return boxes[:found], levels[:found], joined_to, joined_at


@compiled
def fill_holes(
    heights: np.ndarray,
    lows: np.ndarray,
    joined_to: np.ndarray,
    joined_at: np.ndarray,
    events: Events,
    lowest: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Raises the floor of each hole to its rim, where it drains into the frame.

    Args:
        heights: Framed.
        lows: Tops of the map upside down, from its events.
        joined_to: From :func:`sweep_boxes` of the map upside down.
        joined_at: Likewise.
        events: Of the map; the hills of holes are filled in.
        lowest: Holes with rims up to this height are left as they are.

    Returns:
        The filled map, and pairs of hills ``(Q,)`` that filling joins, packed as in events,
        with the heights at which.
    """
    width = heights.shape[1]
    filled = heights.copy()
    flat, before = filled.ravel(), heights.ravel()
    code, hill, tops = events.code, events.hill, events.tops
    step, way = steps(width), np.empty(len(flat), np.int32)
    rim = np.full(len(joined_to), 255)
    waiting = np.empty(len(flat), np.int32)
    pairs = np.empty(4 * len(flat), np.int64)
    joins = np.empty(4 * len(flat), np.uint8)
    count = 0
    for own in range(1, len(joined_to)):
        if joined_to[own] == 0:
            rim[own] = 255 - joined_at[own]
        elif joined_to[own] > 0:  # always one of a smaller number
            rim[own] = rim[joined_to[own]]
        low, level = lows[own + 1], rim[own]
        if flat[low] >= level or level <= lowest:
            continue
        one = np.int64(find_hill(low, code, step, hill, tops, way))
        last = one
        flat[low] = level
        waiting[0] = low
        number = 1
        while number:
            number -= 1
            pixel = waiting[number]
            for offset in (1, width, -1, -width):
                there = pixel + offset
                other = hill[there]
                if other < 0:
                    other = find_hill(there, code, step, hill, tops, way)
                if other != one and other != last:
                    last = other
                    pairs[count] = (one << 32) | other
                    joins[count] = level
                    count += 1
                if before[there] < level and flat[there] < level:
                    flat[there] = level
                    waiting[number] = there
                    number += 1
    return filled, pairs[:count], joins[:count]
