"""What is wrong with maps, boxes and masks, as the rest of a sentence about an image."""

import numpy as np

IGNORE = 255
"""Value of a mask's pixels that do not count."""


def map_problem(score_map: np.ndarray) -> str:
    """What keeps an array from being a map ``(H, W)`` in [0, 1]; '' if nothing does.

    >>> map_problem(np.array([[0.0, 1.5]]))
    'has a map outside [0, 1]: its values reach from 0 to 1.5'
    """
    if score_map.ndim != 2 or 0 in score_map.shape:
        return f'has a map of shape {score_map.shape} where (H, W) is expected'
    if not np.issubdtype(score_map.dtype, np.number) or np.iscomplexobj(score_map):
        return f'has a map of type {score_map.dtype} where numbers are expected'
    low, high = score_map.min(), score_map.max()
    if not (np.isfinite(low) and np.isfinite(high)):
        count = int((~np.isfinite(score_map)).sum())
        return f'has a map with {count} values that are not finite'
    if low < 0 or high > 1:
        return (
            f'has a map outside [0, 1]: its values reach from {low:.6g} to {high:.6g}'
        )
    return ''


def boxes_problem(gt_boxes: np.ndarray) -> str:
    """What keeps an array from being true boxes ``(B, 4)``; '' if nothing does.

    >>> boxes_problem(np.array([[5, 1, 3, 4]]))
    'has a true box with x0 > x1 or y0 > y1: [5, 1, 3, 4]'
    """
    if gt_boxes.size == 0:
        return 'has no true box'
    if gt_boxes.ndim != 2 or gt_boxes.shape[1] != 4:
        return f'has true boxes of shape {gt_boxes.shape} where (B, 4) is expected'
    if not np.isfinite(gt_boxes).all():
        return 'has a true box with values that are not finite'
    reversed_ones = (gt_boxes[:, 2:] < gt_boxes[:, :2]).any(1)
    if reversed_ones.any():
        first = gt_boxes[reversed_ones][0].tolist()
        return f'has a true box with x0 > x1 or y0 > y1: {first}'
    return ''


def box_problem(box: np.ndarray) -> str:
    """What keeps an array from being the predicted box ``(1, 4)``; '' if nothing does.

    >>> box_problem(np.array([[1, 2, np.nan, 4]]))
    'has a box with values that are not finite'
    """
    if box.shape != (1, 4):
        return f'has boxes of shape {box.shape} where (1, 4) is expected'
    if not np.isfinite(box).all():
        return 'has a box with values that are not finite'
    if (box[:, 2:] < box[:, :2]).any():
        return f'has a box with x0 > x1 or y0 > y1: {box[0].tolist()}'
    return ''


def mask_problem(score_map: np.ndarray, mask: np.ndarray) -> str:
    """What keeps map and mask from being compared; '' if nothing does."""
    problem = map_problem(score_map)
    if problem:
        return problem
    if mask.shape != score_map.shape:
        return f'has a mask of shape {mask.shape} for a map of shape {score_map.shape}'
    other = mask[~np.isin(mask, (0, 1, IGNORE))]
    if len(other):
        return f'has a mask with value {other[0]} where 0, 1 or {IGNORE} is expected'
    return ''
