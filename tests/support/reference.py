"""The published evaluators, slow and obvious, written from their definitions."""

import cv2
import numpy as np

THRESHOLDS = np.arange(0, 1, 0.001)


def iou(box, other):
    """Corners counted as whole pixels."""
    x0, y0, x1, y1 = box
    u0, v0, u1, v1 = other
    across = max(0.0, min(x1, u1) - max(x0, u0) + 1)
    down = max(0.0, min(y1, v1) - max(y0, v0) + 1)
    union = (x1 - x0 + 1) * (y1 - y0 + 1) + (u1 - u0 + 1) * (v1 - v0 + 1)
    return across * down / (union - across * down)


def contour_boxes(grey, level):
    """Boxes of all contours, holes included, and the largest contour's place among them."""
    height, width = grey.shape
    _, mask = cv2.threshold(grey, level, 255, cv2.THRESH_BINARY)
    contours = cv2.findContours(mask, cv2.RETR_TREE, cv2.CHAIN_APPROX_SIMPLE)[-2]
    if len(contours) == 0:
        return [(0, 0, 0, 0)], 0
    boxes = []
    for contour in contours:
        x, y, w, h = cv2.boundingRect(contour)
        boxes.append((x, y, min(x + w, width - 1), min(y + h, height - 1)))
    areas = [cv2.contourArea(contour) for contour in contours]
    return boxes, areas.index(max(areas))


def best_ious(score_map, gt_boxes):
    """``(2, 1000)``: of all contours and of the largest, at the published thresholds."""
    grey = (score_map * 255).astype(np.uint8)
    result = np.zeros((2, len(THRESHOLDS)))
    for i, threshold in enumerate(THRESHOLDS):
        boxes, largest = contour_boxes(grey, int(threshold * np.max(grey)))
        best = [max(iou(box, gt_box) for gt_box in gt_boxes) for box in boxes]
        result[:, i] = max(best), best[largest]
    return result


def pixel_curve(score_maps, masks):
    """Histograms of the published pixel evaluator: recall, precision, and area between."""
    edges = np.append(THRESHOLDS, [1.0, 2.0, 3.0])
    on, off = np.zeros(len(edges) - 1), np.zeros(len(edges) - 1)
    for score_map, mask in zip(score_maps, masks):
        on += np.histogram(score_map[mask == 1], bins=edges)[0]
        off += np.histogram(score_map[mask == 0], bins=edges)[0]
    tp, fp = on[::-1].cumsum(), off[::-1].cumsum()
    some = (tp + fp) != 0
    with np.errstate(invalid='ignore'):
        precision, recall = tp / (tp + fp), tp / on.sum()
    area = (precision[1:] * np.diff(recall))[some[1:]].sum()
    return 100 * area, 100 * (tp / (on.sum() + fp)).max()
