"""All objects of a map, where nobody knows how many there are.

The evaluation judges contours, holes included, as the published evaluator does. These are the
connected regions alone, best first. The functions need OpenCV, which they import themselves.
"""

from typing import NamedTuple

import numpy as np

from mmwsol.functional.boxes import foreground, to_grey


class Regions(NamedTuple):
    """Connected regions (8 neighbours) of a map above a threshold, best first."""

    boxes: np.ndarray
    """``(B, 4)`` int64, xyxy in pixels, x1 and y1 exclusive."""
    scores: np.ndarray
    """``(B,)`` in (0, 1], the mean of the map over each region."""


def map_regions(
    score_map: np.ndarray, threshold: float, smallest: float = 0.0
) -> Regions:
    """Every region of a map above a threshold.

    Args:
        score_map: The map, ``(H, W)`` in [0, 1].
        threshold: The share of the map's maximum, in [0, 1).
        smallest: The share of the map's pixels that a region needs; smaller ones are left out.

    >>> score_map = np.zeros((5, 6)); score_map[1:4, 2:5] = 0.8; score_map[4, 0] = 1.0
    >>> map_regions(score_map, 0.5)
    Regions(boxes=array([[0, 4, 1, 5],
           [2, 1, 5, 4]]), scores=array([1. , 0.8]))
    >>> map_regions(score_map, 0.5, smallest=0.1).boxes
    array([[2, 1, 5, 4]])
    """
    import cv2

    mask = foreground(score_map, threshold)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    x0, y0, width, height, area = stats[1:].T.astype(np.int64)  # 0 is the background
    places = labels.ravel().astype(np.intp)
    total = np.bincount(places, score_map.ravel(), len(stats))[1:]
    scores = total / np.maximum(area, 1)
    kept = np.flatnonzero(area >= smallest * mask.size)
    kept = kept[np.argsort(-scores[kept], kind='stable')]
    boxes = np.stack([x0, y0, x0 + width, y0 + height], axis=1)
    return Regions(boxes[kept], scores[kept])


def largest_contour_box(score_map: np.ndarray, threshold: float) -> np.ndarray:
    """The box that ``map_boxes`` finds with the default protocol, not clipped, ``(1, 4)``.

    At one threshold OpenCV is as fast as our own contours, which serve all thresholds at once
    and whose compilation takes half a minute in a fresh installation.

    Args:
        score_map: The map, ``(H, W)`` in [0, 1].
        threshold: The share of the map's maximum, in [0, 1).

    Returns:
        xyxy in pixels, x1 and y1 exclusive; ``(0, 4)`` where nothing is above the threshold.

    >>> score_map = np.zeros((5, 6)); score_map[1:4, 2:5] = 0.8; score_map[4, 0] = 1.0
    >>> largest_contour_box(score_map, 0.5)
    array([[2, 1, 5, 4]])
    """
    import cv2

    mask = foreground(score_map, threshold).astype(np.uint8)
    contours = cv2.findContours(mask, cv2.RETR_TREE, cv2.CHAIN_APPROX_SIMPLE)[-2]
    if not contours:
        return np.zeros((0, 4), np.int64)
    largest = max(contours, key=cv2.contourArea)  # the first of equals
    x, y, width, height = cv2.boundingRect(largest)
    return np.array([[x, y, x + width, y + height]])


def otsu_threshold(score_map: np.ndarray) -> float:
    """The share of a map's maximum that parts its grey levels best into two groups.

    `A Threshold Selection Method from Gray-Level Histograms (1979)
    <https://doi.org/10.1109/TSMC.1979.4310076>`_. A rule for maps without any true box to
    choose a threshold by.

    >>> otsu_threshold(np.array([[0.0, 0.1, 0.1], [0.1, 0.9, 1.0]])) < 0.9
    True
    """
    import cv2

    grey = to_grey(score_map)
    if not grey.any():
        return 0.0
    level, _ = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    # half a level up, so that rounding down gives this level again
    return float((level + 0.5) / grey.max())
