"""Maps, boxes, overlaps and pixels: hand-worked numbers, properties, slow references."""

import re
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmwsol.functional import (
    LEVELS,
    THRESHOLDS,
    Protocol,
    box_iou,
    get_protocol,
    level_ious,
    level_of,
    map_boxes,
    mask_problem,
    minmax_normalize,
    pixel_histogram,
    pixel_report,
    resize_maps,
)
from mmwsol.functional.boxes import tight_boxes
from mmwsol.functional.checks import boxes_problem, map_problem
from tests.support import reference

ROOT = Path(__file__).parents[2]


def test_every_published_threshold_has_a_level_and_all_are_met():
    assert set(level_of(THRESHOLDS)) == set(range(LEVELS))
    # a map whose maximum is grey level 100: int(t * 100)
    assert level_of(np.array([0.5, 0.999]), 100).tolist() == [50, 99]


def test_box_of_a_map_touching_the_border_is_clipped():
    # x1 = x + w = 6 would lie outside a map whose last column is 5
    score_map = np.zeros((4, 6))
    score_map[:, 3:] = 1
    assert map_boxes(score_map, 0.5).tolist() == [[3, 0, 5, 3]]
    unclipped = get_protocol('paper')
    assert map_boxes(score_map, 0.5, unclipped).tolist() == [[3, 0, 6, 4]]


def test_which_boxes_a_protocol_takes():
    score_map = np.zeros((12, 12))
    score_map[1:8, 1:8] = 1
    score_map[3:6, 3:6] = 0  # a hole: its contour runs through the pixels around it
    score_map[9:11, 9:11] = 1
    assert map_boxes(score_map, 0.5).tolist() == [[1, 1, 8, 8]]
    every = map_boxes(score_map, 0.5, Protocol(box='all')).tolist()
    assert sorted(every) == [[1, 1, 8, 8], [2, 2, 7, 7], [9, 9, 11, 11]]
    tight = map_boxes(score_map, 0.5, Protocol(box='tight')).tolist()
    assert tight == [[1, 1, 11, 11]]
    assert map_boxes(np.zeros((4, 4)), 0.5).tolist() == []


def test_polygon_and_pixels_may_disagree_about_the_largest():
    score_map = np.zeros((12, 12))
    score_map[0, :] = 1  # 12 pixels in a line enclose no area
    score_map[5:8, 5:8] = 1  # 9 pixels enclose 4
    assert map_boxes(score_map, 0.5).tolist() == [[5, 5, 8, 8]]
    assert map_boxes(score_map, 0.5, Protocol(measure='pixels')).tolist() == [
        [0, 0, 11, 1]
    ]


def test_tight_boxes_by_a_slow_search():
    rng = np.random.default_rng(0)
    grey = (rng.random((9, 7)) ** 4 * 255).astype(np.uint8)
    boxes = tight_boxes(grey)
    for level in range(LEVELS):
        ys, xs = np.nonzero(grey > level)
        expected = (
            [xs.min(), ys.min(), xs.max() + 1, ys.max() + 1] if len(xs) else [-1] * 4
        )
        assert boxes[level].tolist() == expected


def test_iou_by_hand():
    # 3 x 3 pixels and 2 x 2 pixels that share 1: 1 / (9 + 4 - 1)
    assert box_iou([[0, 0, 2, 2]], [[2, 2, 3, 3]]) == pytest.approx(1 / 12)
    # as continuous boxes they share a corner only
    assert box_iou([[0, 0, 2, 2]], [[2, 2, 3, 3]], 'continuous') == 0
    # apart in both directions: negative sides must not multiply to a positive overlap
    assert box_iou([[0, 0, 1, 1]], [[8, 8, 9, 9]]) == 0
    # nothing in nothing
    assert box_iou([[3, 3, 3, 3]], [[3, 3, 3, 3]], 'continuous') == 0


def test_true_boxes_are_cut_to_whole_pixels():
    score_map = np.zeros((10, 10))
    score_map[2:5, 2:5] = 1  # predicted [2, 2, 5, 5]
    gt_boxes = np.array([[2.7, 2.0, 5.9, 5.9999999]])
    # cut to [2, 2, 5, 6]: 16 / 20, since the last is meant to be 6
    assert level_ious(score_map, gt_boxes)[0, 0] == pytest.approx(16 / 20)
    exact = level_ious(score_map, gt_boxes, Protocol(truncate=False))[0, 0]
    assert exact == pytest.approx(box_iou([[2, 2, 5, 5]], gt_boxes)[0, 0])


def test_bicubic_resize_equals_opencv(generator):
    maps = torch.rand(3, 7, 9, generator=generator)
    ours = resize_maps(maps, (40, 31)).numpy()
    theirs = np.stack(
        [cv2.resize(m, (31, 40), interpolation=cv2.INTER_CUBIC) for m in maps.numpy()]
    )
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.01, 100), st.floats(-50, 50))
def test_shift_and_scale_of_a_map_change_nothing(seed, scale, shift):
    values = torch.tensor(
        np.random.default_rng(seed).random((1, 9, 9)), dtype=torch.float64
    )
    gt_boxes = np.array([[2, 2, 6, 7]])
    one = minmax_normalize(values)[0].numpy()
    other = minmax_normalize(scale * values + shift)[0].numpy()
    np.testing.assert_allclose(one, other, atol=1e-9)
    # rounding may lift a pixel over a grey level; hits are compared where it does not
    if np.array_equal((one * 255).astype(int), (other * 255).astype(int)):
        np.testing.assert_array_equal(
            level_ious(one, gt_boxes), level_ious(other, gt_boxes)
        )


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_a_true_box_far_away_changes_nothing(seed):
    rng = np.random.default_rng(seed)
    score_map = np.zeros((40, 40))
    score_map[:12, :12] = rng.random((12, 12))
    near, far = [2, 3, 9, 10], [30, 30, 38, 39]
    # where nothing is above a level the corner pixel stands in, not near the far box
    both = level_ious(score_map, np.array([near, far]))
    np.testing.assert_array_equal(both, level_ious(score_map, np.array([near])))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 4))
def test_mirrored_maps_have_mirrored_boxes(seed, count):
    rng = np.random.default_rng(seed)
    score_map = rng.random((11, 14))
    corners = np.sort(rng.random((count, 2, 2)), axis=1) * [14, 11]
    gt_boxes = corners.reshape(count, 4)
    # continuous and unclipped, so that left and right ends are treated alike
    protocol = Protocol(iou='continuous', clip=False, truncate=False, box='all')
    mirrored = np.stack(
        [14 - gt_boxes[:, 2], gt_boxes[:, 1], 14 - gt_boxes[:, 0], gt_boxes[:, 3]], 1
    )
    np.testing.assert_allclose(
        level_ious(score_map, gt_boxes, protocol),
        level_ious(score_map[:, ::-1].copy(), mirrored, protocol),
        atol=1e-12,
    )


@pytest.mark.parametrize(
    ('score_map', 'message'),
    [
        (np.array([[0.0, np.nan]]), '1 values that are not finite'),
        (np.array([[np.inf, -np.inf]]), '2 values that are not finite'),
        (np.array([[-0.1, 0.4]]), 'from -0.1 to 0.4'),
        (np.zeros((2, 3, 3)), r'\(2, 3, 3\)'),
        (np.array([['a']]), 'type'),
    ],
)
def test_what_is_wrong_with_a_map(score_map, message):
    assert re.search(message, map_problem(score_map))
    with pytest.raises(ValueError, match=message):
        level_ious(score_map, np.array([[0, 0, 1, 1]]))
    with pytest.raises(ValueError, match=message):
        map_boxes(score_map, 0.5)
    with pytest.raises(ValueError, match=message):
        pixel_histogram(score_map, np.zeros((1, 2)))


@pytest.mark.parametrize(
    ('boxes', 'message'),
    [
        (np.zeros((0, 4)), 'no true box'),
        (np.array([[1.0, 1, np.nan, 3]]), 'not finite'),
        (np.array([[1.0, 5, 3, 2]]), 'x0 > x1 or y0 > y1'),
        (np.array([1.0, 2, 3]), r'\(3,\)'),
    ],
)
def test_what_is_wrong_with_true_boxes(boxes, message):
    assert re.search(message, boxes_problem(boxes))
    with pytest.raises(ValueError, match=message):
        level_ious(np.zeros((9, 9)), boxes)


def test_pixels_by_hand():
    score_map = np.array([[1.0, 0.8, 0.6, 0.4, 0.2]])
    mask = np.array([[1, 0, 1, 255, 0]])
    report = pixel_report(pixel_histogram(score_map, mask))
    # from the highest score: precision 1, 1/2, 2/3 at recall 1/2, 1/2, 1
    assert report.pxap == pytest.approx(100 * (1 * 0.5 + 2 / 3 * 0.5))
    # IoU 1/2, 1/3, 2/3, then 2/4
    assert report.piou == pytest.approx(100 * 2 / 3)
    # lowest threshold at which the pixel of 0.2 is left out
    assert report.threshold == pytest.approx(0.201)


@pytest.mark.parametrize('dtype', [np.float32, np.float64])
def test_pixels_equal_the_published_histograms(dtype):
    rng = np.random.default_rng(0)
    score_maps = [rng.random((40, 50)).astype(dtype) for _ in range(4)]
    # scores on the bins' edges, where rounding decides
    score_maps.append(rng.integers(0, 1001, (40, 50)).astype(dtype) / dtype(1000))
    masks = [rng.choice([0, 1, 255], (40, 50), p=[0.6, 0.3, 0.1]) for _ in range(5)]
    counts = sum(pixel_histogram(s, m) for s, m in zip(score_maps, masks))
    report = pixel_report(counts)
    pxap, piou = reference.pixel_curve(score_maps, masks)
    assert report.pxap == pytest.approx(pxap, abs=1e-9)
    assert report.piou == pytest.approx(piou, abs=1e-9)


def test_masks_without_object_or_of_wrong_shape_are_named():
    with pytest.raises(ValueError, match='on an object'):
        pixel_report(pixel_histogram(np.zeros((3, 3)), np.zeros((3, 3))))
    assert '(3, 3)' in mask_problem(np.zeros((2, 2)), np.zeros((3, 3)))
    assert 'value 7' in mask_problem(np.zeros((2, 2)), np.full((2, 2), 7))


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(box='biggest'), '`box`'),
        (dict(threshold='best'), '`threshold`'),
        (dict(threshold='fixed=1.5'), '`threshold`'),
        (dict(threshold='from_split'), '`threshold`'),
        (dict(crops=10), "'crops'"),
    ],
)
def test_unknown_options_of_a_protocol_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        get_protocol('wsolevaluation', **options)


WITH_NUMPY_ALONE = """
import sys
ABSENT = ('torch', 'cv2', 'numba', 'PIL', 'mmengine', 'mmcv', 'mmpretrain', 'torchvision')
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split('.')[0] in ABSENT:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Absent())
import importlib.util
real = importlib.util.find_spec
importlib.util.find_spec = lambda name, *a: None if name in ABSENT else real(name, *a)
import importlib, pkgutil
import numpy as np
import mmwsol.functional
for module in pkgutil.walk_packages(mmwsol.functional.__path__, 'mmwsol.functional.'):
    importlib.import_module(module.name)
from mmwsol.functional import level_ious, pixel_histogram
assert not any(name.startswith('mmwsol.io') for name in sys.modules)  # no files
np.seterr(all='raise')
maps = np.load(sys.argv[1])
np.save(sys.argv[2], [level_ious(m, np.array([[3, 4, 20, 15]])) for m in maps])
assert pixel_histogram(maps[0], maps[0] > 0.5).sum() == 720
"""


def maps_of_every_kind() -> np.ndarray:
    """Noise, few levels, plateaus at the top that touch and that have holes: (6, 24, 30)."""
    rng = np.random.default_rng(0)
    noise = rng.random((24, 30))
    ways = np.add.outer(np.sin(np.arange(24) / 3), np.cos(np.arange(30) / 4))
    smooth = (ways - ways.min()) / np.ptp(ways)
    return np.stack(
        [
            noise,
            np.round(noise * 3) / 3,
            noise > 0.5,
            noise > 0.2,
            smooth,
            np.clip(smooth * 1.5, 0, 1),
        ]
    )


def test_arithmetic_needs_numpy_alone_and_is_the_same(tmp_path):
    given, file = tmp_path / 'maps.npy', tmp_path / 'ious.npy'
    np.save(given, maps_of_every_kind())
    done = subprocess.run(
        [sys.executable, '-c', WITH_NUMPY_ALONE, str(given), str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert 'pip install --upgrade numba' in done.stderr  # slow, and says so
    for score_map, plain in zip(maps_of_every_kind(), np.load(file)):
        ours = level_ious(score_map, np.array([[3, 4, 20, 15]]))
        np.testing.assert_array_equal(plain, ours)
