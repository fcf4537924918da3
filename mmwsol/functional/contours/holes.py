"""Filling the holes of components.

A hole's floor is a hill of the map upside down. It is a hole as long as it is not joined to hill
0, the frame. A floor that joins the frame at upside-down height u does so over pixels of
height ``255 - u``: that is the rim. At grey levels below the rim the floor is a hole of the
component around it; from the rim on it is open background. So where every floor is raised to
its rim, components have no holes, and what lay in a hole is part of the component around it.
"""

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
    """Raises the floor of each hole to its rim, the height at which it drains into the frame.

    What lies in a hole, floor and islands, is part of the filled component as soon as the
    rim is above the water, so its hills are joined to those of the rim at that height. An
    island is then no longer a component of its own; as its contour lies inside the other's,
    it could not have been the largest.

    Args:
        heights: The framed map.
        lows: The lowest pixel of each floor: the tops of the map upside down.
        joined_to: The hill that each hill of the map upside down was joined to, from
            :func:`sweep_boxes`.
        joined_at: The upside-down heights at which, likewise.
        events: The events of the map; the hills of pixels in and around holes are filled in.
        lowest: The height up to which rims do not matter, because levels below it are not
            asked for; those holes are left as they are.

    Returns:
        The filled map, pairs of hills ``(Q,)`` that filling joins, packed as in events, and
        the heights at which.
    """
    width = heights.shape[1]
    filled = heights.copy()
    flat, before = filled.ravel(), heights.ravel()
    code, hill, tops = events.code, events.hill, events.tops
    step, way = steps(width), np.empty(len(flat), np.int32)
    rim = np.full(len(joined_to), 255)  # what is never joined is a plateau of 255
    waiting = np.empty(len(flat), np.int32)
    # a pixel is raised once, since all that is connected below a rim has this rim
    pairs = np.empty(4 * len(flat), np.int64)
    joins = np.empty(4 * len(flat), np.uint8)
    count = 0
    for own in range(1, len(joined_to)):
        if joined_to[own] == 0:
            rim[own] = 255 - joined_at[own]
        elif joined_to[own] > 0:  # drains with that one, whose number is smaller: known
            rim[own] = rim[joined_to[own]]
        low, level = lows[own + 1], rim[own]  # the first entry is the number of tops
        if flat[low] >= level or level <= lowest:  # raised from another floor, or flat
            continue
        # a flood from the lowest pixel; each hill it meets is joined to the lowest pixel's
        one = np.int64(find_hill(low, code, step, hill, tops, way))
        last = one  # neighbours are mostly of one hill, which need not be noted again
        flat[low] = level
        waiting[0] = low
        number = 1
        while number:
            number -= 1
            pixel = waiting[number]
            for offset in (1, width, -1, -width):  # background has 4 neighbours
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
