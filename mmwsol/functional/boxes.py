"""Boxes of maps and how well boxes agree.

Boxes are ``(B, 4)`` arrays, ``x0, y0, x1, y1`` in pixels.
"""

import numpy as np

from mmwsol.functional.checks import map_problem
from mmwsol.functional.compiled import compiled
from mmwsol.functional.contours.components import trace_components
from mmwsol.functional.contours.landscape import LEVELS
from mmwsol.functional.protocol import Protocol

BOTTOM_RIGHT_PIXEL = {'pixels': 1.0, 'continuous': 0.0}
"""What a side gains over the difference of its ends, by IoU convention."""


def box_iou(
    boxes: np.ndarray, others: np.ndarray, convention: str = 'pixels'
) -> np.ndarray:
    """Intersection over union of every pair.

    Args:
        boxes: The boxes of the rows, ``(A, 4)``.
        others: The boxes of the columns, ``(B, 4)``.
        convention: `'pixels'`: corners are whole pixels, sides are ``x1 - x0 + 1``, as
            published evaluators count; `'continuous'`: sides are ``x1 - x0``.

    Returns:
        ``(A, B)`` in [0, 1]; 0 where the union is empty.

    >>> box_iou(np.array([[0, 0, 1, 1]]), np.array([[1, 1, 2, 2], [0, 0, 1, 1]]))
    array([[0.14285714, 1.        ]])
    """
    extra = BOTTOM_RIGHT_PIXEL[convention]
    boxes, others = np.asarray(boxes, float)[:, None], np.asarray(others, float)[None]
    corner0 = np.maximum(boxes[..., :2], others[..., :2])
    corner1 = np.minimum(boxes[..., 2:], others[..., 2:])
    overlap = (corner1 - corner0 + extra).clip(0).prod(-1)
    area = (boxes[..., 2:] - boxes[..., :2] + extra).prod(-1)
    other_area = (others[..., 2:] - others[..., :2] + extra).prod(-1)
    union = area + other_area - overlap
    return np.where(union > 0, overlap / np.where(union > 0, union, 1), 0)


def cut_to_image(
    boxes: np.ndarray, size: tuple[int, int], tolerance: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """True boxes cut to their image, which of them hold no pixel, and which reach out too far.

    Args:
        boxes: The true boxes, ``(B, 4)``.
        size: Height and width of the image.
        tolerance: The number of pixels by which a box may leave the image.

    >>> cut, empty, far = cut_to_image(np.array([[4.0, 3, 9, 8]]), (6, 6), 2.0)
    >>> cut.tolist(), empty.tolist(), far.tolist()
    ([[4.0, 3.0, 6.0, 6.0]], [False], [True])
    """
    height, width = size
    cut = np.clip(boxes, 0, np.array([width, height, width, height], boxes.dtype))
    full = (boxes[:, 2:] > boxes[:, :2]) & (cut[:, 2:] > cut[:, :2])
    return cut, np.asarray(~full.all(1)), (np.abs(boxes - cut) > tolerance).any(1)


def clip_boxes(
    boxes: np.ndarray, size: tuple[int, int], protocol: Protocol
) -> np.ndarray:
    """Boxes with exclusive ends as a protocol writes them.

    The published evaluator keeps the exclusive end except at the last column and row.

    >>> clip_boxes(np.array([[3, 0, 6, 2]]), (4, 6), Protocol())
    array([[3, 0, 5, 2]])
    """
    if not protocol.clip:
        return np.asarray(boxes)
    height, width = size
    return np.minimum(boxes, [width, height, width - 1, height - 1])


def map_boxes(
    score_map: np.ndarray, threshold: float, protocol: Protocol | None = None
) -> np.ndarray:
    """Boxes of a map at one threshold, ``(B, 4)``; none where nothing is above it.

    Args:
        score_map: The map, ``(H, W)`` in [0, 1].
        threshold: The share of the map's maximum, or of the protocol's percentile, in [0, 1).
        protocol: The protocol that says which boxes are taken and how they are written; by
            default the published evaluation, with the largest contour's box.

    >>> score_map = np.zeros((5, 6)); score_map[1:4, 2:5] = 0.8; score_map[4, 0] = 1.0
    >>> map_boxes(score_map, 0.5)
    array([[2, 1, 5, 4]])
    >>> map_boxes(score_map, 0.9)
    array([[0, 4, 1, 4]])
    """
    protocol = protocol or Protocol()
    mask = foreground(score_map, threshold, protocol.percentile)
    mask = mask.astype(np.uint8) * 255
    if not mask.any():
        return np.zeros((0, 4), np.int64)
    if protocol.box == 'tight':
        boxes = tight_boxes(mask)[:1]
    else:
        found = trace_components(mask, protocol.measure)
        boxes = found.boxes if protocol.box == 'all' else found.largest[:1]
    return clip_boxes(boxes, mask.shape, protocol).astype(np.int64)


def foreground(
    score_map: np.ndarray, threshold: float, percentile: float = 100.0
) -> np.ndarray:
    """Whether each pixel of a map ``(H, W)`` is above a share of one of its percentiles.

    >>> foreground(np.array([[0.2, 0.5, 0.8]]), 0.5)
    array([[False,  True,  True]])
    """
    problem = map_problem(score_map)
    if problem:
        raise ValueError(f'The image {problem}.')
    if not 0 <= threshold < 1:
        raise ValueError(f'Expected `threshold` in [0, 1), but got {threshold}.')
    grey = to_grey(score_map)
    return grey > int(threshold * whole(grey, percentile))


def whole(values: np.ndarray, percentile: float) -> float:
    """What thresholds of a map are shares of: a percentile of its pixels, or its maximum.

    >>> whole(np.array([[0, 10, 20, 250, 255]]), 75)
    250.0
    """
    if percentile == 100:  # the same, in whole numbers and without sorting
        return values.max()
    return float(np.percentile(values, percentile))


def to_grey(score_map: np.ndarray) -> np.ndarray:
    """A map in [0, 1] as 8-bit grey levels, rounded down.

    >>> to_grey(np.array([[0.0, 0.5, 1.0]]))
    array([[  0, 127, 255]], dtype=uint8)
    """
    return (score_map * 255).astype(np.uint8)


def tight_boxes(grey: np.ndarray) -> np.ndarray:
    """Box of all pixels above each of 255 grey levels, ``(255, 4)``, -1 for none."""
    boxes = np.full((LEVELS, 4), -1, np.int64)
    levels = np.arange(LEVELS)[:, None]
    for axis in (0, 1):  # columns give x, rows give y
        above = grey.max(axis)[None] > levels
        some = above.any(1)
        boxes[some, axis] = above.argmax(1)[some]
        boxes[some, axis + 2] = above.shape[1] - above[:, ::-1].argmax(1)[some]
    return boxes


@compiled
def raise_to_ious(
    best: np.ndarray,
    boxes: np.ndarray,
    levels: np.ndarray,
    gt_boxes: np.ndarray,
    extra: float,
    last: tuple[int, int],
) -> None:
    """Raises ``best`` (255,) to each box's IoU with its best true box, at its levels.

    Args:
        best: The best IoU at each grey level so far, ``(255,)``, changed in place.
        boxes: Boxes of the map, ``(M, 4)``, exclusive ends; those of negative numbers are
            none.
        levels: The first and last grey level of each, ``(M, 2)``.
        gt_boxes: True boxes, ``(B, 4)`` float.
        extra: The length that a side gains over the difference of its ends.
        last: The highest x1 and y1; boxes are clipped to them.
    """
    for i in range(len(boxes)):
        if boxes[i, 0] < 0:
            continue
        x0, y0 = float(boxes[i, 0]), float(boxes[i, 1])
        x1, y1 = float(min(boxes[i, 2], last[0])), float(min(boxes[i, 3], last[1]))
        area = (x1 - x0 + extra) * (y1 - y0 + extra)
        highest = 0.0
        for k in range(len(gt_boxes)):
            u0, v0 = gt_boxes[k, 0], gt_boxes[k, 1]
            u1, v1 = gt_boxes[k, 2], gt_boxes[k, 3]
            # each side cut at 0, lest two negative ones make a positive overlap
            across = max(0.0, min(x1, u1) - max(x0, u0) + extra)
            down = max(0.0, min(y1, v1) - max(y0, v0) + extra)
            overlap = across * down
            union = area + (u1 - u0 + extra) * (v1 - v0 + extra) - overlap
            if union > 0:
                highest = max(highest, overlap / union)
        for level in range(levels[i, 0], levels[i, 1] + 1):
            best[level] = max(best[level], highest)
