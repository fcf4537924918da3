"""All components of a map, against OpenCV's contour tree at every threshold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mmwsol.functional import (
    LEVELS,
    THRESHOLDS,
    level_ious,
    level_of,
    trace_components,
)
from tests.support import reference


def normalize(values):
    low, high = values.min(), values.max()
    return ((values - low) / (high - low if high > low else 1)).astype(np.float32)


def smooth(rng, height, width, grid=5):
    coarse = rng.random((grid, grid)).astype(np.float32)
    return normalize(reference.cv2.resize(coarse, (width, height), interpolation=2))


def noise(rng, height, width):
    return normalize(rng.random((height, width)))


def constant(rng, height, width):
    return np.full((height, width), rng.choice([0, 0.4, 1]), np.float32)


def binary(rng, height, width):
    return (rng.random((height, width)) > rng.uniform(0.1, 0.9)).astype(np.float32)


def one_pixel(rng, height, width):
    values = np.zeros((height, width), np.float32)
    values[rng.integers(height), rng.integers(width)] = 1
    return values


def at_the_border(rng, height, width):
    y, x = np.mgrid[:height, :width]
    side = rng.choice([x, y, width - 1 - x, height - 1 - y])
    return normalize(np.exp(-side / 4.0) + 0.2 * rng.random((height, width)))


def nested_holes(rng, height, width):
    y, x = np.mgrid[:height, :width]
    center = rng.uniform(0.3, 0.7, 2) * [height, width]
    radius = np.hypot(y - center[0], x - center[1])
    return normalize(np.cos(radius * rng.uniform(0.4, 1.5)) * (1 + 0.02 * radius))


def several_peaks(rng, height, width):
    y, x = np.mgrid[:height, :width]
    values = np.zeros((height, width))
    for _ in range(4):
        center = rng.random(2) * [height, width]
        distance = np.hypot(y - center[0], x - center[1])
        values += rng.random() * np.exp(-((distance / rng.uniform(2, 12)) ** 2))
    return normalize(values)


def few_levels(rng, height, width):
    return np.round(rng.random((height, width)) * 3).astype(np.float32) / 3


def flat_bottom(rng, height, width):
    return normalize(np.maximum(smooth(rng, height, width, 9) - 0.5, 0))


def checkered(rng, height, width):
    y, x = np.mgrid[:height, :width]
    return normalize((x + y) % 2 * rng.choice([0.5, 1], (height, width)))


def not_normalized(rng, height, width):
    return smooth(rng, height, width, 7) * np.float32(rng.uniform(0.1, 0.9))


KINDS = (
    smooth,
    noise,
    constant,
    binary,
    one_pixel,
    at_the_border,
    nested_holes,
    several_peaks,
    few_levels,
    flat_bottom,
    checkered,
    not_normalized,
)
SMALL = ((7, 7), (9, 8), (1, 13), (12, 2), (15, 11), (28, 20), (20, 33))
LARGE = ((64, 96), (96, 64), (224, 224), (150, 512), (512, 512))
REPEATS = 24
assert len(KINDS) * len(SMALL) * REPEATS >= 2000


def true_boxes(rng, height, width, count):
    corners = np.sort(rng.random((count, 2, 2)), axis=1) * [width, height]
    return np.floor(corners).reshape(count, 4)


def check(score_map, gt_boxes, levels=None):
    """Every IoU equals the reference's, at all levels that thresholds fall on."""
    grey = (score_map * 255).astype(np.uint8)
    ours = level_ious(score_map, gt_boxes)
    if levels is None:
        levels = np.unique(level_of(THRESHOLDS, grey.max()))
    for level in levels:
        boxes, largest = reference.contour_boxes(grey, int(level))
        best = [max(reference.iou(b, gt) for gt in gt_boxes) for b in boxes]
        assert ours[0, level] == max(best), level
        assert ours[1, level] == best[largest], level


@pytest.mark.parametrize('size', SMALL)
@pytest.mark.parametrize('kind', KINDS)
def test_every_level_of_small_maps_equals_opencv(kind, size):
    for seed in range(REPEATS):
        rng = np.random.default_rng([seed, *size])
        boxes = true_boxes(rng, *size, count=1 + seed % 3)
        # all levels of a third of the maps, twelve of the others
        levels = None if seed % 3 == 0 else rng.integers(0, LEVELS, 12)
        score_map = kind(rng, *size)
        if levels is not None and kind is not not_normalized:
            levels = np.unique(np.append(levels, [0, 254]))
        check(score_map, boxes, levels)


@pytest.mark.parametrize('size', LARGE)
@pytest.mark.parametrize('kind', KINDS)
def test_levels_of_large_maps_equal_opencv(kind, size):
    rng = np.random.default_rng([99, *size])
    busy = {checkered: 2, noise: 6, binary: 6, few_levels: 6}
    levels = np.unique(rng.integers(0, LEVELS, busy.get(kind, 60)))
    check(kind(rng, *size), true_boxes(rng, *size, count=4), levels)


@pytest.mark.parametrize('kind', [smooth, nested_holes, not_normalized])
def test_published_loop_over_1000_thresholds(kind):
    rng = np.random.default_rng(1)
    score_map, boxes = kind(rng, 40, 52), true_boxes(rng, 40, 52, 2)
    expected = reference.best_ious(score_map, boxes)
    peak = int((score_map * 255).astype(np.uint8).max())
    ours = level_ious(score_map, boxes)[:, level_of(THRESHOLDS, peak)]
    np.testing.assert_array_equal(ours, expected)


@settings(max_examples=150, deadline=None)
@given(
    arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9))),
    st.integers(0, 254),
)
def test_boxes_of_any_map_equal_opencv(grey, level):
    found = trace_components(grey)
    there = (found.levels[:, 0] <= level) & (level <= found.levels[:, 1])
    height, width = grey.shape
    ours = np.minimum(found.boxes[there], [width, height, width - 1, height - 1])
    theirs, largest = reference.contour_boxes(grey, level)
    if (grey > level).any():
        assert {tuple(box) for box in ours.tolist()} == set(theirs)
        clipped = np.minimum(
            found.largest[level], [width, height, width - 1, height - 1]
        )
        assert tuple(clipped.tolist()) == theirs[largest]
    else:
        assert not there.any()
        assert (found.largest[level] == -1).all()


def test_most_pixels_by_a_slow_count():
    rng = np.random.default_rng(3)
    grey = (noise(rng, 20, 24) * 255).astype(np.uint8)
    found = trace_components(grey, 'pixels')
    for level in range(0, LEVELS, 7):
        count, _, stats, _ = reference.cv2.connectedComponentsWithStats(
            (grey > level).astype(np.uint8), connectivity=8
        )
        if count == 1:
            assert (found.largest[level] == -1).all()
            continue
        x, y, w, h, _ = stats[1:][stats[1:, 4].argmax()]
        assert found.largest[level].tolist() == [x, y, x + w, y + h]


def test_of_equal_contours_the_one_that_begins_last_is_the_largest():
    grey = np.zeros((9, 9), np.uint8)
    grey[1:3, 1:3] = grey[5:7, 4:6] = grey[5:7, 0:2] = 200
    boxes, largest = reference.contour_boxes(grey, 0)
    assert boxes[largest] == (4, 5, 6, 7)
    assert trace_components(grey).largest[0].tolist() == [4, 5, 6, 7]
    assert trace_components(grey, 'pixels').largest[0].tolist() == [1, 1, 3, 3]


def test_a_hole_may_be_the_better_box_and_never_the_largest():
    grey = np.full((11, 11), 255, np.uint8)
    grey[3:8, 3:8] = 0
    ious = level_ious(grey / 255, np.array([[2, 2, 9, 9]]))
    assert ious[0, 100] == 1  # the contour runs through the pixels around the hole
    assert ious[1, 100] == reference.iou((0, 0, 10, 10), (2, 2, 9, 9))


@pytest.mark.parametrize(
    ('grey', 'message'),
    [
        (np.zeros((4, 4)), 'uint8.*float64'),
        (np.zeros((2, 4, 4), np.uint8), r'\(H, W\).*\(2, 4, 4\)'),
        (np.zeros((0, 4), np.uint8), r'\(0, 4\)'),
        (np.zeros((1, 2**15), np.uint8), 'less than 32768'),
    ],
)
def test_other_arrays_are_refused(grey, message):
    with pytest.raises(ValueError, match=message):
        trace_components(grey)
