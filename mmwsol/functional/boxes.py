"""From binary masks to boxes, and how well boxes agree.

Boxes are ``(B, 4)`` arrays, ``x0, y0, x1, y1`` in pixels.
"""

import cv2
import numpy as np


def contour_boxes(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Boxes of a mask's contours, holes included, by the published protocol.

    `Evaluating Weakly Supervised Object Localization Methods Right (CVPR 2020)
    <https://arxiv.org/abs/2001.07437>`_: OpenCV's contour tree, ``x1 = x0 + width``
    clipped to the last column, and the box (0, 0, 0, 0) for an empty mask.

    Args:
        mask: ``(H, W)``, anything but 0 is foreground.

    Returns:
        Boxes ``(B, 4)``, integers, B >= 1, and the areas ``(B,)`` of the contours'
        polygons.

    >>> mask = np.zeros((5, 6), bool); mask[1:4, 2:5] = True; mask[4, 0] = True
    >>> boxes, areas = contour_boxes(mask)
    >>> boxes[areas.argmax()], float(areas.max())
    (array([2, 1, 5, 4]), 4.0)
    """
    height, width = mask.shape
    contours = cv2.findContours(
        np.ascontiguousarray(mask != 0, dtype=np.uint8),
        cv2.RETR_TREE,
        cv2.CHAIN_APPROX_SIMPLE,
    )[-2]
    if not len(contours):
        return np.zeros((1, 4), np.int64), np.zeros(1)
    boxes = np.array([cv2.boundingRect(contour) for contour in contours], np.int64)
    boxes[:, 2:] += boxes[:, :2]
    boxes = np.minimum(boxes, [width, height, width - 1, height - 1])
    return boxes, np.array([cv2.contourArea(contour) for contour in contours])


def box_iou(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Intersection over union of every pair, corners counted as whole pixels (+1).

    Args:
        boxes: ``(A, 4)``.
        others: ``(B, 4)``.

    Returns:
        ``(A, B)`` in [0, 1].

    >>> box_iou(np.array([[0, 0, 1, 1]]), np.array([[1, 1, 2, 2], [0, 0, 1, 1]]))
    array([[0.14285714, 1.        ]])
    """
    boxes, others = np.asarray(boxes, float)[:, None], np.asarray(others, float)[None]
    corner0 = np.maximum(boxes[..., :2], others[..., :2])
    corner1 = np.minimum(boxes[..., 2:], others[..., 2:])
    overlap = (corner1 - corner0 + 1).clip(0).prod(-1)
    area = (boxes[..., 2:] - boxes[..., :2] + 1).prod(-1)
    other_area = (others[..., 2:] - others[..., :2] + 1).prod(-1)
    return overlap / (area + other_area - overlap)
