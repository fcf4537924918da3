"""All components of a map at all thresholds, from one pass.

255 grey levels, 0 to 254: at level t the foreground is every pixel above t. Its components
have 8 neighbours; holes are components of the rest with 4 neighbours that do not reach the
border. That is what OpenCV's contour tree holds (``RETR_TREE``), and a test compares the
two. Boxes are xyxy in pixels, x1 and y1 exclusive: a box that starts at column 2 and is 3
wide is ``(2, ., 5, .)``. That of a hole is that of its contour, which runs through the
pixels around it.
"""

from functools import partial
from typing import NamedTuple

import numpy as np

from mmwsol.functional.compiled import warn_if_slow
from mmwsol.functional.events import fill_holes, find_events, sweep_boxes
from mmwsol.functional.landscape import LEVELS, SKY, framed
from mmwsol.functional.largest import largest_polygons, most_pixels

MEASURES = ('polygon', 'pixels')


class Components(NamedTuple):
    """What :func:`trace_components` finds."""

    boxes: np.ndarray
    """``(M, 4)`` int32, of components and holes."""
    levels: np.ndarray
    """``(M, 2)`` int32, each box's first and last grey level."""
    largest: np.ndarray
    """``(255, 4)`` int32, the largest component's box at each level; -1 where there is
    none or it was not asked for."""


def trace_components(grey: np.ndarray, measure: str | None = 'polygon') -> Components:
    """Boxes of every component and hole at every grey level.

    Args:
        grey: ``(H, W)`` uint8.
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
    if measure not in (*MEASURES, None):
        raise ValueError(
            f'Expected `measure` to be one of {MEASURES}, but got {measure!r}.'
        )
    warn_if_slow()
    grey = np.ascontiguousarray(grey)

    # holes: what of the map upside down does not drain into the frame
    depths = framed(grey, SKY, True)
    sunk = find_events(depths, False)
    holes, hole_levels, *joined = sweep_boxes(*sunk[:4], sunk.tops[0], 1)

    heights = framed(grey, 0, False)
    risen = find_events(heights, True)
    peaks, levels, *_ = sweep_boxes(*risen[:4], risen.tops[0], 0)
    # exclusive ends
    peaks[:, 2:] += 1
    if measure == 'polygon':
        fill = partial(fill_holes, heights, sunk.tops, *joined, *risen[4:])
        largest = largest_polygons(heights, fill, risen, peaks, levels)
    elif measure == 'pixels':
        largest = most_pixels(heights, risen)
    else:
        largest = np.full((LEVELS, 4), -1, np.int32)

    # a hole's contour runs through the pixels around it
    boxes = np.concatenate([peaks, holes + [-1, -1, 2, 2]])
    # upside down, levels count from the other end
    levels = np.concatenate([levels, LEVELS - 1 - hole_levels[:, ::-1]])
    return Components(boxes, levels, largest)
