"""Boxes that say the same thing of an image; torchvision is imported when it is needed."""

import numpy as np


def without_overlaps(
    boxes: np.ndarray, scores: np.ndarray, overlap: float
) -> np.ndarray:
    """Places of the boxes that no better one covers, best first.

    Args:
        boxes: The boxes, ``(B, 4)`` xyxy.
        scores: Their scores, ``(B,)``.
        overlap: The IoU with a better box above which a box is left out, in [0, 1].

    >>> boxes = np.array([[0, 0, 10, 10], [0, 0, 10, 9], [5, 5, 20, 20]])
    >>> without_overlaps(boxes, np.array([0.5, 0.7, 0.6]), 0.7)
    array([1, 2])
    """
    import torch
    from torchvision.ops import nms

    pair = (np.asarray(own, np.float64) for own in (boxes, scores))
    return nms(*map(torch.from_numpy, pair), overlap).numpy()
