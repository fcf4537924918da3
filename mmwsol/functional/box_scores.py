"""How far a box of a map can be trusted, said by the map and the features behind it."""

from collections.abc import Callable

import numpy as np

from mmwsol.functional.boxes import box_iou

SHIFTS = (0.6, 0.8, 1.2, 1.4)
"""The other thresholds that a box is compared at, as shares of its own."""
HIGHEST = 0.95
LEAST = 0.05
"""Taken for the correlation of a map that goes against its features, so that its box comes
last and is not taken for "nothing here"."""


def box_scores(
    score_map: np.ndarray,
    boxes: np.ndarray,
    threshold: float,
    find: Callable[[float], np.ndarray],
    activity: np.ndarray | None = None,
) -> np.ndarray:
    """Scores ``(B,)`` in [0, 1] of boxes.

    The product of

    * the share of the map's sum that a box holds,
    * how little it depends on the threshold: its mean IoU with the nearest box at 0.6, 0.8,
      1.2 and 1.4 times that,
    * how far the features agree, which know objects before a class is learned: the root of
      the share of their activity that the box holds times its correlation with the map.

    How hot the map is inside says nothing about a box; how much of it lies outside does
    (docs/records/2026-11-26-score.md, docs/records/2026-11-26-agreement.md). What lies in
    other boxes is not held against one.

    Args:
        score_map: The map, ``(H, W)`` in [0, 1].
        boxes: The boxes, ``(B, 4)`` xyxy in the map's pixels, exclusive ends.
        threshold: The threshold that they were found at.
        find: The boxes ``(B', 4)`` at a threshold.
        activity: The activity of the features, ``(H, W)``; None where it is not known.
    """
    if not len(boxes):
        return np.zeros(0)
    overlaps = []
    for shift in SHIFTS:
        others = find(min(HIGHEST, shift * threshold))
        if len(others):
            overlaps.append(box_iou(boxes, others, 'continuous').max(1))
        else:
            overlaps.append(np.zeros(len(boxes)))
    scores = shares_held(score_map, boxes) * np.mean(overlaps, axis=0)
    if activity is not None:
        held = shares_held(activity - activity.min(), boxes)
        scores *= np.sqrt(held * max(LEAST, correlation(score_map, activity)))
    return scores


def shares_held(values: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Shares ``(B,)`` of a sum that boxes hold, of what is in no other box.

    Args:
        values: ``(H, W)``, at least 0.
        boxes: ``(B, 4)`` xyxy in pixels, exclusive ends.
    """
    total = np.pad(values.astype(np.float64), ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    x0, y0, x1, y1 = np.asarray(boxes, np.int64).T
    inside = total[y1, x1] - total[y0, x1] - total[y1, x0] + total[y0, x0]
    boxed = np.zeros(values.shape, bool)
    for box in boxes:
        boxed[box[1] : box[3], box[0] : box[2]] = True
    outside = values[~boxed].sum(dtype=np.float64)
    return inside / np.maximum(inside + outside, np.finfo(float).tiny)


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Pearson's of two arrays of a shape; 0 where one of them is the same everywhere."""
    one, other = (
        np.float64(values) - values.mean(dtype=float) for values in (one, other)
    )
    sizes = np.sqrt((one**2).sum() * (other**2).sum())
    return float((one * other).sum() / sizes) if sizes > 0 else 0.0
