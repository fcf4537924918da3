"""Maps, boxes and overlaps: hand-worked numbers and slow references."""

import cv2
import numpy as np
import pytest
import torch

from mmwsol.functional import (
    LEVELS,
    box_iou,
    contour_boxes,
    level_ious,
    level_of,
    minmax_normalize,
    resize_maps,
    threshold_of,
)


def reference_hits(score_map, gt_boxes, threshold, delta, multi):
    """One threshold of the published evaluator, written from its definition."""
    height, width = score_map.shape
    grey = (score_map * 255).astype(np.uint8)
    level = int(threshold * np.max(grey))
    _, mask = cv2.threshold(grey, level, 255, cv2.THRESH_BINARY)
    contours = cv2.findContours(mask, cv2.RETR_TREE, cv2.CHAIN_APPROX_SIMPLE)[-2]
    boxes = []
    if len(contours) == 0:
        boxes.append((0, 0, 0, 0))
    elif not multi:
        contours = [max(contours, key=cv2.contourArea)]
    for contour in contours:
        x, y, w, h = cv2.boundingRect(contour)
        boxes.append((x, y, min(x + w, width - 1), min(y + h, height - 1)))
    best = 0.0
    for x0, y0, x1, y1 in boxes:
        for u0, v0, u1, v1 in gt_boxes:
            across = max(0.0, min(x1, u1) - max(x0, u0) + 1)
            down = max(0.0, min(y1, v1) - max(y0, v0) + 1)
            union = (x1 - x0 + 1) * (y1 - y0 + 1) + (u1 - u0 + 1) * (v1 - v0 + 1)
            best = max(best, across * down / (union - across * down))
    return best >= delta


def random_map(rng, kind, height, width):
    if kind == 'smooth':
        coarse = rng.random((4, 4)).astype(np.float32)
        values = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    elif kind == 'noise':
        values = rng.random((height, width))
    elif kind == 'binary':
        values = (rng.random((height, width)) > 0.7).astype(float)
    elif kind == 'constant':
        values = np.full((height, width), 0.4)
    elif kind == 'pixel':
        values = np.zeros((height, width))
        values[rng.integers(height), rng.integers(width)] = 1
    else:  # rings: components inside holes inside components
        y, x = np.mgrid[:height, :width]
        values = np.cos(np.hypot(y - height / 2, x - width / 2)) + 1
    return minmax_normalize(torch.tensor(values, dtype=torch.float32)[None])[0].numpy()


@pytest.mark.parametrize(
    'kind', ['smooth', 'noise', 'binary', 'constant', 'pixel', 'rings']
)
@pytest.mark.parametrize('size', [(7, 7), (28, 20), (33, 64)])
def test_level_ious_equal_the_published_loop_over_1000_thresholds(kind, size):
    rng = np.random.default_rng(abs(hash((kind, size))) % 1000)
    height, width = size
    score_map = random_map(rng, kind, height, width)
    corners = np.sort(rng.random((2, 2, 2)), axis=1) * [width - 1, height - 1]
    gt_boxes = corners.reshape(2, 4)
    ious = level_ious(score_map, gt_boxes)
    for threshold in np.arange(0, 1, 0.001)[::7]:
        for rule, multi in enumerate((True, False)):
            for delta in (0.3, 0.5, 0.7):
                hit = ious[rule, level_of(threshold)] >= delta
                expected = reference_hits(score_map, gt_boxes, threshold, delta, multi)
                assert hit == expected, (threshold, rule, delta)


def test_every_published_threshold_has_a_level_and_back():
    levels = level_of(np.arange(0, 1, 0.001))
    assert set(levels) == set(range(LEVELS))
    for level in range(LEVELS):
        assert level_of(threshold_of(level)) == level


def test_box_of_a_mask_touching_the_border_is_clipped():
    # x1 = x + w = 6 would lie outside a map whose last column is 5
    mask = np.zeros((4, 6), bool)
    mask[:, 3:] = True
    assert contour_boxes(mask)[0].tolist() == [[3, 0, 5, 3]]


def test_box_of_an_empty_mask_is_the_corner_pixel():
    assert contour_boxes(np.zeros((4, 6), bool))[0].tolist() == [[0, 0, 0, 0]]


def test_holes_have_boxes_too_and_the_largest_is_the_outer_contour():
    mask = np.ones((9, 9), bool)
    mask[3:6, 3:6] = False
    boxes, areas = contour_boxes(mask)
    assert len(boxes) == 2
    assert boxes[areas.argmax()].tolist() == [0, 0, 8, 8]


def test_iou_by_hand():
    # 3 x 3 pixels and 2 x 2 pixels that share 1: 1 / (9 + 4 - 1)
    assert box_iou([[0, 0, 2, 2]], [[2, 2, 3, 3]]) == pytest.approx(1 / 12)
    # apart in both directions: negative sides must not multiply to a positive overlap
    assert box_iou([[0, 0, 1, 1]], [[8, 8, 9, 9]]) == 0


def test_bicubic_resize_equals_opencv(generator):
    maps = torch.rand(3, 7, 9, generator=generator)
    ours = resize_maps(maps, (40, 31)).numpy()
    theirs = np.stack(
        [cv2.resize(m, (31, 40), interpolation=cv2.INTER_CUBIC) for m in maps.numpy()]
    )
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_normalisation_ignores_shift_and_scale(generator):
    maps = torch.rand(4, 5, 6, generator=generator)
    torch.testing.assert_close(minmax_normalize(maps), minmax_normalize(3 * maps + 7))
