"""The largest component at every grey level, with every pixel counted.

By the area of its contour's polygon, where boxes do not tell which component that is, or by its
number of pixels. Areas are in half pixels, so that all are whole numbers.
"""

import numpy as np

from mmwsol.functional.compiled import compiled
from mmwsol.functional.contours.events import Events, by_height
from mmwsol.functional.contours.landscape import (
    LEVELS,
    find_hill,
    polygon_growth,
    steps,
)
from mmwsol.functional.contours.sweep import find_root, widen


@compiled
def largest_polygons(
    filled: np.ndarray,
    events: Events,
    joined: np.ndarray,
    joined_at: np.ndarray,
    lowest: int,
) -> np.ndarray:
    """Box of the largest polygon at each level from a lowest on, ``(255, 4)``, -1 for none.

    Args:
        filled: The framed map, holes filled.
        events: The events of the map before it was filled.
        joined: Pairs of hills that filling joins.
        joined_at: The heights at which.
        lowest: The lowest level that is asked for.
    """
    # boxes need no events of the filled map: what is in a hole does not widen them
    number = len(events.pairs)
    at = np.empty(number + len(joined), np.int16)
    for height in range(256):
        at[events.pair_start[height] : events.pair_start[height + 1]] = height
    at[number:] = joined_at
    pairs, pair_start = by_height(np.concatenate((events.pairs, joined)), at)
    growths, growth_start = _growth_by_height(
        filled, polygon_growth(filled), events, lowest
    )
    return _sweep_largest(events, growths, growth_start, pairs, pair_start, True)


@compiled
def most_pixels(heights: np.ndarray, events: Events) -> np.ndarray:
    """Box of the component of most pixels at each level, ``(255, 4)``, -1 for none."""
    ones = np.ones(heights.shape, np.uint8)
    growths, start = _growth_by_height(heights, ones, events, 0)
    return _sweep_largest(
        events, growths, start, events.pairs, events.pair_start, False
    )


@compiled
def _growth_by_height(
    heights: np.ndarray,
    growth: np.ndarray,
    events: Events,
    lowest: int,
) -> tuple[np.ndarray, np.ndarray]:
    """By how much the pixels of each hill and height grow it, by height.

    Entries are packed as ``hill << 32 | amount``. A large hill has an entry for each height, a
    small one for each pixel, so that there are never more entries than pixels.

    Args:
        heights: The framed map.
        growth: What each pixel adds, framed.
        events: The events of the map; hills that are not known yet are filled in.
        lowest: The height up to which pixels are left out.
    """
    flat, flat_growth = heights.ravel(), growth.ravel()
    code, hill, tops = events.code, events.hill, events.tops
    step, way = steps(heights.shape[1]), np.empty(len(flat), np.int32)
    size = np.zeros(len(tops), np.int64)
    for pixel in range(len(flat)):
        if flat[pixel] > lowest:
            own = hill[pixel]
            if own < 0:
                own = find_hill(pixel, code, step, hill, tops, way)
            size[own] += 1
    place = np.empty(tops[0], np.int64)  # of each hill's first entry
    total = 0
    for own in range(len(place)):
        place[own] = total
        total += min(size[own], 256)
    packed, levels = np.zeros(total, np.int64), np.zeros(total, np.int16)
    for pixel in range(len(flat)):
        if flat[pixel] > lowest:
            own = hill[pixel]
            if size[own] >= 256:  # one of 256 entries, by height
                entry = place[own] + flat[pixel]
            else:  # the next entry
                entry = place[own]
                place[own] += 1
            packed[entry] += flat_growth[pixel]
            levels[entry] = flat[pixel]
    count = 0  # entries that add something move to the front, with their hills
    entry = 0
    for own in range(len(place)):
        for _ in range(min(size[own], 256)):
            if packed[entry]:
                packed[count] = (np.int64(own) << 32) | packed[entry]
                levels[count] = levels[entry]
                count += 1
            entry += 1
    return by_height(packed[:count], levels[:count])


@compiled
def _touch(
    touched: np.ndarray, count: int, touched_at: np.ndarray, hill: int, level: int
) -> int:
    """Lists a hill that changes at a height, once, and gives the number of hills listed."""
    if touched_at[hill] != level:
        touched_at[hill] = level
        touched[count] = hill
        count += 1
    return count


@compiled
def _sweep_largest(
    events: Events,
    growths: np.ndarray,
    growth_start: np.ndarray,
    pairs: np.ndarray,
    pair_start: np.ndarray,
    last_of_equals: bool,
) -> np.ndarray:
    """The largest component's box at each level, exclusive ends, ``(255, 4)``, or -1.

    Components are joined as in :func:`sweep_boxes`, and grow by amounts as well.

    Args:
        events: The events, whose pixels make the boxes.
        growths: Amounts by which hills grow, by height.
        growth_start: The place of each height's first amount.
        pairs: Hills that are joined, by height.
        pair_start: The place of each height's first pair.
        last_of_equals: Of components of equal size, whether the one is taken whose first
            pixel is the last in raster order: OpenCV lists contours from the last to the
            first, and its evaluators take the first of the largest. Else the first one.
    """
    pixels, pixel_start = events.pixels, events.pixel_start
    count = events.tops[0]
    parent = np.arange(count)
    box = np.empty((count, 4), np.int32)
    box[:, :2], box[:, 2:] = 2**15, -1
    size = np.zeros(count, np.int64)
    # first pixel in raster order, y << 16 | x; it is among the events, since no path leads up
    # from a component's uppermost row
    first = np.full(count, 2**32)
    touched, touched_at = np.empty(count, np.int64), np.zeros(count, np.int64)
    # the components of the largest size so far
    tied, is_tied = np.empty(count, np.int64), np.zeros(count, np.bool_)
    number_tied, top = 0, -1
    largest = np.full((LEVELS, 4), -1, np.int32)
    for level in range(255, 0, -1):
        number_touched = 0
        for i in range(pixel_start[level], pixel_start[level + 1]):
            own = find_root(parent, pixels[i] >> 32)
            x, y = np.int32(pixels[i] & 0xFFFF), np.int32((pixels[i] >> 16) & 0xFFFF)
            box[own, 0], box[own, 2] = min(box[own, 0], x), max(box[own, 2], x)
            box[own, 1], box[own, 3] = min(box[own, 1], y), max(box[own, 3], y)
            first[own] = min(first[own], pixels[i] & 0xFFFFFFFF)
            number_touched = _touch(touched, number_touched, touched_at, own, level)
        for i in range(growth_start[level], growth_start[level + 1]):
            own = find_root(parent, growths[i] >> 32)
            size[own] += growths[i] & 0xFFFFFFFF
            number_touched = _touch(touched, number_touched, touched_at, own, level)
        for i in range(pair_start[level], pair_start[level + 1]):
            one = find_root(parent, pairs[i] >> 32)
            two = find_root(parent, pairs[i] & 0xFFFFFFFF)
            if one == two:
                continue
            own, other = min(one, two), max(one, two)
            parent[other] = own
            widen(box, own, other)
            size[own] += size[other]
            first[own] = min(first[own], first[other])
            number_touched = _touch(touched, number_touched, touched_at, own, level)
        if number_touched == 0:  # as at the level above
            if level < LEVELS:
                largest[level - 1] = largest[level]
            continue
        # components only grow, so the largest size does too, and only touched ones reach it
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
        # what was joined to another, or stayed behind, is tied no longer
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
        largest[level - 1, 2:] += 1  # exclusive ends
    return largest
