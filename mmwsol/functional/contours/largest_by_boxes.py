"""The component with the largest polygon, where boxes tell which one that is.

A polygon is no larger than its box, less one pixel a side since it runs through pixel centres.
The area of all polygons together is quickly measured, though only less their holes, which is
a lower bound. So the polygon in the largest box is at least this sum less all other boxes; if
that is more than the second largest box, it is larger than every other polygon:

    polygon of the first >= sum - boxes of the others > second box >= any other polygon

Areas are in half pixels, so that all are whole numbers.
"""

import numpy as np

from mmwsol.functional.compiled import compiled
from mmwsol.functional.contours.landscape import LEVELS, polygon_growth


@compiled
def largest_by_boxes(
    heights: np.ndarray, boxes: np.ndarray, levels: np.ndarray
) -> tuple[np.ndarray, int]:
    """Box of the largest polygon at each level where boxes decide, -1 for none.

    Args:
        heights: The framed map.
        boxes: Boxes of all components ``(M, 4)``, exclusive ends.
        levels: The first and last level of each ``(M, 2)``.

    Returns:
        Boxes ``(255, 4)``, and the first level of doubt, 255 if there is none. Boxes from
        that level on are not to be used.
    """
    total = _sum_above(heights)
    largest = np.full((LEVELS, 4), -1, np.int32)
    first, second = np.full(LEVELS, -1), np.full(LEVELS, -1)
    every = np.zeros(LEVELS, np.int64)
    for i in range(len(boxes)):
        # ends are exclusive: from centre to centre there is one pixel less
        bound = 2 * (boxes[i, 2] - boxes[i, 0] - 1) * (boxes[i, 3] - boxes[i, 1] - 1)
        for level in range(levels[i, 0], levels[i, 1] + 1):
            every[level] += bound
            if bound > first[level]:
                second[level], first[level] = first[level], bound
                largest[level] = boxes[i]
            else:
                second[level] = max(second[level], bound)
    for level in range(LEVELS):
        others = every[level] - first[level]
        # with one component second is -1 and there is no doubt; two equal boxes are doubtful,
        # since the sum is never more than all boxes
        if first[level] >= 0 and total[level] - others <= second[level]:
            return largest, level
    return largest, LEVELS


@compiled
def _sum_above(heights: np.ndarray) -> np.ndarray:
    """Area of all polygons less their holes at each level ``(255,)``, in half pixels.

    It is the sum of what each pixel above the level added when it rose above the water.
    """
    growth = polygon_growth(heights)
    # four sums: adding to the cell that the pixel before has just changed would wait for it
    sums = np.zeros((4, 256), np.int64)
    flat, flat_growth = heights.ravel(), growth.ravel()
    for i in range(
        0, len(flat) - 3, 4
    ):  # up to three left over are frame, which adds 0
        for k in range(4):
            sums[k, flat[i + k]] += flat_growth[i + k]
    above = np.zeros(LEVELS, np.int64)
    total = 0
    for level in range(LEVELS - 1, -1, -1):
        for k in range(4):
            total += sums[
                k, level + 1
            ]  # height level + 1 is what level has in addition
        above[level] = total
    return above
