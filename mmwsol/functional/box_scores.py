"""How far a box of a map can be trusted, said by the map alone."""

from collections.abc import Callable

import numpy as np

from mmwsol.functional.boxes import box_iou

SHIFTS = (0.6, 0.8, 1.2, 1.4)
"""The other thresholds that a box is compared at, as shares of its own."""
HIGHEST = 0.95


def box_scores(
    score_map: np.ndarray,
    boxes: np.ndarray,
    threshold: float,
    find: Callable[[float], np.ndarray],
) -> np.ndarray:
    """Scores ``(B,)`` in [0, 1] of boxes.

    The share of the map's sum that a box holds, times how little it depends on the
    threshold: its mean IoU with the nearest box at 0.6, 0.8, 1.2 and 1.4 times that. How hot
    the map is inside says nothing about a box; how much of it lies outside does
    (docs/records/2026-11-26-score.md). What lies in other boxes is not held against one.

    Args:
        score_map: The map, ``(H, W)`` in [0, 1].
        boxes: The boxes, ``(B, 4)`` xyxy in the map's pixels, exclusive ends.
        threshold: The threshold that they were found at.
        find: The boxes ``(B', 4)`` at a threshold.
    """
    if not len(boxes):
        return np.zeros(0)
    total = np.pad(score_map.astype(np.float64), ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    x0, y0, x1, y1 = np.asarray(boxes, np.int64).T
    inside = total[y1, x1] - total[y0, x1] - total[y1, x0] + total[y0, x0]
    boxed = np.zeros(score_map.shape, bool)
    for box in boxes:
        boxed[box[1] : box[3], box[0] : box[2]] = True
    outside = score_map[~boxed].sum(dtype=np.float64)
    share = inside / np.maximum(inside + outside, np.finfo(float).tiny)
    overlaps = []
    for shift in SHIFTS:
        others = find(min(HIGHEST, shift * threshold))
        if len(others):
            overlaps.append(box_iou(boxes, others, 'continuous').max(1))
        else:
            overlaps.append(np.zeros(len(boxes)))
    return share * np.mean(overlaps, axis=0)
