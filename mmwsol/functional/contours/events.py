"""What happens to components as the water level of a map falls.

Events are sorted by height: pixels that may widen a box, packed as
``hill << 32 | y << 16 | x``, and pairs of hills that a saddle joins, ``hill << 32 | hill``.
An event of height h happens between water levels h and h - 1: a pixel of height h is
foreground at grey level h - 1, but not at h.
"""

from typing import NamedTuple

import numpy as np

from mmwsol.functional.compiled import compiled
from mmwsol.functional.contours.landscape import (
    MARGIN,
    TOP,
    climb,
    find_hill,
    saddles,
    steps,
)
from mmwsol.functional.contours.outermost import outermost_pixels


class Events(NamedTuple):
    """What happens to components while the water falls; arrays are flat."""

    pixels: np.ndarray
    """Pixels that may widen a box, ``(P,)`` int64, by height, lowest first."""
    pixel_start: np.ndarray
    """The place of each height's first pixel, ``(257,)``."""
    pairs: np.ndarray
    """Hills that a saddle joins, ``(Q,)`` int64, likewise."""
    pair_start: np.ndarray
    """The place of each height's first pair, ``(257,)``."""
    code: np.ndarray
    """Ways to the tops, from :func:`mmwsol.functional.contours.landscape.climb`."""
    hill: np.ndarray
    """The number of each pixel's hill where it was asked for, else -1."""
    tops: np.ndarray
    """The number of hills, then the pixel of each one's top."""


@compiled
def find_events(heights: np.ndarray, diagonal: bool) -> Events:
    """All events of a map.

    Args:
        heights: The framed map. Without `diagonal` it is a map upside down, and hill 0 is
            the frame with what drains into it.
        diagonal: 8 neighbours instead of 4.
    """
    code = climb(heights, diagonal)
    # bit 0: may widen a box; bit 1: may join hills
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
    """The events of marked pixels, by height.

    A first pass over the marked pixels finds hills and pairs and counts the pixels of each
    height; a second puts the pixels into their places.
    """
    rows, width = heights.shape
    flat, codes, mark = heights.ravel(), code.ravel(), marks.ravel()
    number_tops, number_saddles = 1, 0  # room for the frame as a hill
    for pixel in range(len(mark)):
        number_tops += int(codes[pixel] == TOP)
        number_saddles += int(mark[pixel] >> 1)
    hill = np.full(len(mark), -1, np.int32)
    tops = np.zeros(number_tops + 1, np.int64)
    if (
        not diagonal
    ):  # the frame is one hill, although each of its pixels has the code of a top
        tops[0] = 1
        hill[: MARGIN * width] = 0
        hill[(rows - MARGIN) * width :] = 0
        for y in range(MARGIN, rows - MARGIN):
            hill[y * width] = hill[y * width + width - 1] = 0

    step, way = steps(width), np.empty(len(mark), np.int32)
    around = 8 if diagonal else 4  # the first four offsets are the sides
    offsets = (1, width, -1, -width, width + 1, width - 1, -width - 1, -width + 1)
    pairs = np.empty(around * number_saddles, np.int64)
    # in bytes, plain numpy would take 255 + 1 for 0
    heights_joined = np.empty(around * number_saddles, np.int16)
    number_pairs = 0
    start = np.zeros(257, np.int64)
    # eight pixels at a glance; the seven that may be left over at the end are frame
    words = mark[: len(mark) // 8 * 8].view(np.uint64)
    for word in range(len(words)):
        if words[word] == 0:
            continue
        for pixel in range(8 * word, 8 * word + 8):
            height = flat[pixel]
            if mark[pixel] == 0 or height == 0:  # what is 0 is never above the water
                mark[pixel] = 0
                continue
            own = find_hill(pixel, codes, step, hill, tops, way)
            if (
                own == 0 and not diagonal
            ):  # what drains into the frame is no hole: no box
                mark[pixel] &= 2
            if mark[pixel] >> 1:
                for k in range(
                    around
                ):  # joined to every higher neighbour of another hill
                    there = pixel + offsets[k]
                    if flat[there] > height or (
                        flat[there] == height and there > pixel
                    ):
                        other = find_hill(there, codes, step, hill, tops, way)
                        if other != own:
                            pairs[number_pairs] = (np.int64(own) << 32) | other
                            heights_joined[number_pairs] = height
                            number_pairs += 1
            mark[pixel] &= 1  # the second pass is about boxes alone
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
                x = pixel - row_start - 1  # without the frame's column
                pixels[at] = (np.int64(hill[pixel]) << 32) | (y << 16) | x
                place[flat[pixel]] += 1
    pairs, pair_start = by_height(pairs[:number_pairs], heights_joined[:number_pairs])
    return Events(pixels, start, pairs, pair_start, codes, hill, tops)


@compiled
def by_height(values: np.ndarray, heights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Values sorted by height, and the place of each height's first value ``(257,)``."""
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
