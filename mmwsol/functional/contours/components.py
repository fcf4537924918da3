"""All components of a map at all thresholds, from one pass.

255 grey levels, 0 to 254: at level t the foreground is every pixel above t. Its components
have 8 neighbours; holes are components of the rest with 4 neighbours that do not reach the
border. That is what OpenCV's contour tree holds (``RETR_TREE``), and a test compares the
two. Boxes are xyxy in pixels, x1 and y1 exclusive: a box that starts at column 2 and is 3
wide is ``(2, ., 5, .)``. A hole's box is that of its contour, which runs through the pixels
around it.

The files of this folder in the order of the work: ``landscape`` (hills and saddles),
``outermost`` (pixels that may widen a box), ``events`` (both, sorted by height), ``sweep``
(boxes while the water falls), ``largest_by_boxes``, and where that leaves a doubt ``holes``
and ``largest_by_count``.
"""

from typing import NamedTuple

import numpy as np

from mmwsol.functional.compiled import compiled, warn_if_slow
from mmwsol.functional.contours.events import find_events
from mmwsol.functional.contours.holes import fill_holes
from mmwsol.functional.contours.landscape import LEVELS, SKY, framed
from mmwsol.functional.contours.largest_by_boxes import largest_by_boxes
from mmwsol.functional.contours.largest_by_count import largest_polygons, most_pixels
from mmwsol.functional.contours.sweep import sweep_boxes

_WAYS = {'polygon': (True, True), 'pixels': (True, False), None: (False, False)}


class Components(NamedTuple):
    """What :func:`trace_components` finds."""

    boxes: np.ndarray
    """Boxes of components and holes, ``(M, 4)`` int32."""
    levels: np.ndarray
    """Each box's first and last grey level, ``(M, 2)`` int32."""
    largest: np.ndarray
    """The largest component's box at each level, ``(255, 4)`` int32; -1 where there is none
    or it was not asked for."""


def trace_components(grey: np.ndarray, measure: str | None = 'polygon') -> Components:
    """Boxes of every component and hole at every grey level.

    Args:
        grey: The grey map, ``(H, W)`` uint8.
        measure: What makes a component the largest: `'polygon'`, the area of its outer
            contour's polygon, holes filled (``cv2.contourArea``; of equals the one that
            OpenCV lists first, whose first pixel is the last in raster order), or
            `'pixels'`, their number (of equals the first in raster order). None leaves
            the largest out.

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
    if measure not in _WAYS:
        raise ValueError(
            f'Expected `measure` to be one of {tuple(_WAYS)}, but got {measure!r}.'
        )
    warn_if_slow()
    return Components(*_trace(np.ascontiguousarray(grey), *_WAYS[measure]))


@compiled
def _trace(
    grey: np.ndarray, wanted: bool, polygon: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Boxes, levels, and the largest if it is wanted.

    All is one compiled call: the interpreter's lock is let go once for the whole map.
    """
    # holes: what of the map upside down does not drain into the frame
    sunk = find_events(framed(grey, SKY, True), False)
    holes, hole_levels, joined_to, joined_at = sweep_boxes(sunk, 1)

    heights = framed(grey, 0, False)
    risen = find_events(heights, True)
    peaks, peak_levels, _, _ = sweep_boxes(risen, 0)

    count = len(peaks)
    boxes = np.empty((count + len(holes), 4), np.int32)
    levels = np.empty((count + len(holes), 2), np.int32)
    # exclusive ends; a hole's contour runs through the pixels around it
    boxes[:count, :2], boxes[:count, 2:] = peaks[:, :2], peaks[:, 2:] + 1
    boxes[count:, :2], boxes[count:, 2:] = holes[:, :2] - 1, holes[:, 2:] + 2
    levels[:count] = peak_levels
    # upside down, levels count from the other end, and the first becomes the last: a pixel of
    # height h is background at level t if h <= t, that is 255 - h > 254 - t
    levels[count:, 0] = LEVELS - 1 - hole_levels[:, 1]
    levels[count:, 1] = LEVELS - 1 - hole_levels[:, 0]

    if not wanted:
        largest = np.full((LEVELS, 4), -1, np.int32)
    elif not polygon:
        largest = most_pixels(heights, risen)
    else:
        own = boxes[:count], levels[:count]
        largest, doubtful = largest_by_boxes(heights, *own)
        if doubtful < LEVELS:  # boxes do not decide from there on
            lows = sunk.tops, joined_to, joined_at
            filled, pairs, joins = fill_holes(heights, *lows, risen, doubtful)
            counted = largest_polygons(filled, risen, pairs, joins, doubtful)
            largest[doubtful:] = counted[doubtful:]
    return boxes, levels, largest
