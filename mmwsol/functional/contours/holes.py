"""Filling the holes of components."""

import numpy as np

from mmwsol.functional.compiled import compiled
from mmwsol.functional.contours.events import Events
from mmwsol.functional.contours.landscape import find_hill, steps


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
