"""The evaluator that the methods' papers were judged by, as it was published.

It is what times are compared with: OpenCV traces the contours of every threshold anew.
"""

import cv2
import numpy as np

THRESHOLDS = np.arange(0, 1, 0.001)


def published_loop(
    score_map: np.ndarray, gt_boxes: np.ndarray, every_contour: bool = True
) -> np.ndarray:
    """Best IoU of a map's boxes with any true box at each of 1000 thresholds.

    Args:
        score_map: ``(H, W)`` in [0, 1].
        gt_boxes: True boxes, xyxy in pixels.
        every_contour: Whether all contours have boxes, as for MaxBoxAccV2, or the largest
            alone.
    """
    height, width = score_map.shape
    grey = (score_map * 255).astype(np.uint8)
    peak, boxes, counts = np.max(grey), [], []
    for threshold in THRESHOLDS:
        _, mask = cv2.threshold(grey, int(threshold * peak), 255, cv2.THRESH_BINARY)
        contours = cv2.findContours(mask, cv2.RETR_TREE, cv2.CHAIN_APPROX_SIMPLE)[-2]
        if len(contours) == 0:
            boxes.append((0, 0, 0, 0))
        elif not every_contour:
            contours = [max(contours, key=cv2.contourArea)]
        for contour in contours:
            x, y, w, h = cv2.boundingRect(contour)
            boxes.append((x, y, min(x + w, width - 1), min(y + h, height - 1)))
        counts.append(max(1, len(contours)))
    one, other = np.array(boxes, float)[:, None], np.asarray(gt_boxes, float)[None]
    sides = np.minimum(one[..., 2:], other[..., 2:]) + 1
    sides = sides - np.maximum(one[..., :2], other[..., :2])
    overlap = np.maximum(0, sides).prod(-1)
    areas = [(b[..., 2:] - b[..., :2] + 1).prod(-1) for b in (one, other)]
    best = (overlap / (areas[0] + areas[1] - overlap)).max(1)
    return np.maximum.reduceat(best, np.append(0, np.cumsum(counts)[:-1]))
