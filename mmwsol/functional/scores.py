"""How well a map's boxes agree with the true boxes, at every threshold.

A threshold t in [0, 1) keeps the pixels of the 8-bit map above ``int(t * maximum)``, so
the thousand published thresholds fall on at most 255 grey levels.
"""

import numpy as np

from mmwsol.functional.boxes import box_iou, contour_boxes

LEVELS = 255
"""Number of grey levels a threshold can fall on: 0 to 254."""


def level_of(threshold: float | np.ndarray) -> np.ndarray:
    """Grey level of thresholds in [0, 1) on a map whose maximum is 255.

    >>> level_of(np.array([0.0, 0.2, 0.999]))
    array([  0,  51, 254])
    """
    return (np.asarray(threshold) * LEVELS).astype(np.int64)


def threshold_of(level: int) -> float:
    """Smallest of the published thresholds 0, 0.001, ... that falls on a grey level.

    >>> threshold_of(51), threshold_of(254)
    (0.2, 0.997)
    """
    thresholds = np.arange(0, 1, 0.001)
    return round(float(thresholds[np.searchsorted(level_of(thresholds), level)]), 3)


def level_ious(score_map: np.ndarray, gt_boxes: np.ndarray) -> np.ndarray:
    """Best overlap of predicted and true boxes at every grey level.

    Args:
        score_map: ``(H, W)`` in [0, 1], min-max normalised, so that its maximum is 1
            (or 0 everywhere).
        gt_boxes: ``(B, 4)`` xyxy in the map's pixels, B >= 1.

    Returns:
        ``(2, 255)``: the best IoU over all contours and true boxes (MaxBoxAccV2), and
        that of the largest contour (MaxBoxAcc, GT-known).
    """
    grey = (score_map * 255).astype(np.uint8)
    ious = np.zeros((2, LEVELS))
    # the mask changes only where the map has pixels of that grey level
    occupied = np.bincount(grey.ravel(), minlength=LEVELS + 1)[:LEVELS] > 0
    for level in np.flatnonzero(occupied | (np.arange(LEVELS) == 0)):
        boxes, areas = contour_boxes(grey > level)
        best = box_iou(boxes, gt_boxes).max(1)
        ious[:, level:] = [[best.max()], [best[areas.argmax()]]]
    return ious
