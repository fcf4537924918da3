"""Boxes of components while the water falls past their events."""

import numpy as np

from mmwsol.functional.compiled import compiled
from mmwsol.functional.contours.events import Events


@compiled
def find_root(parent: np.ndarray, hill: int) -> int:
    """The hill that stands for a hill's component: the root of a union-find forest.

    Halving the path on the way keeps it short for the next call.
    """
    while parent[hill] != hill:
        parent[hill] = parent[parent[hill]]
        hill = parent[hill]
    return hill


@compiled
def widen(box: np.ndarray, hill: int, other: int) -> None:
    """Widens a hill's box by another hill's."""
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
    """Notes a hill's box before it changes at a height, and gives the number of boxes noted.

    The box has been the component's since the water passed height `since`, that is at grey
    levels ``since - 1`` down to ``level``; the change shows at ``level - 1``. Of several
    changes at a height the first notes the box, and a hill without box has none to note.
    """
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

    Args:
        events: The events of a map.
        skip: The number of hills that have no box: 1 for the frame of a map upside down.
            What joins them has none from then on.

    Returns:
        Boxes ``(M, 4)`` with inclusive ends, their first and last levels ``(M, 2)``, the hill
        that each hill was joined to ``(K,)``, -1 for none, and the height at which. A hill
        is always joined to one of a smaller number.
    """
    pixels, pixel_start = events.pixels, events.pixel_start
    pairs, pair_start = events.pairs, events.pair_start
    count = events.tops[0]
    parent = np.arange(count)
    joined_to, joined_at = np.full(count, -1), np.zeros(count, np.int64)
    box = np.empty((count, 4), np.int32)
    box[:, :2], box[:, 2:] = 2**15, -1
    since = np.zeros(count, np.int64)  # height of the last change; 0: no box yet
    # a pixel closes one box at most, a join two, and the end one for each hill
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
        # after the pixels: a saddle is of this height itself, and widens what it joins
        for i in range(pair_start[level], pair_start[level + 1]):
            one = find_root(parent, pairs[i] >> 32)
            two = find_root(parent, pairs[i] & 0xFFFFFFFF)
            if one == two:
                continue
            # the smaller number stays the root, so that hill 0, the frame, always does
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
