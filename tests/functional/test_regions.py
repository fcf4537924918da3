"""Regions of a map and Otsu's threshold, against slow restatements."""

import numpy as np

from mmwsol.functional import (
    Protocol,
    foreground,
    largest_contour_box,
    map_boxes,
    map_regions,
    otsu_threshold,
)


def test_regions_against_flooding_by_hand():
    rng = np.random.default_rng(0)
    for _ in range(20):
        score_map = rng.random((12, 15)).astype(np.float32)
        mask = foreground(score_map, 0.7)
        left, expected = mask.copy(), []
        while left.any():
            stack, pixels = [tuple(np.argwhere(left)[0])], []
            left[stack[0]] = False
            while stack:
                y, x = stack.pop()
                pixels.append((y, x))
                for v in range(max(0, y - 1), min(12, y + 2)):
                    for u in range(max(0, x - 1), min(15, x + 2)):
                        if left[v, u]:
                            left[v, u] = False
                            stack.append((v, u))
            ys, xs = zip(*pixels)
            score = np.mean([score_map[p] for p in pixels])
            expected.append((score, min(xs), min(ys), max(xs) + 1, max(ys) + 1))
        found = map_regions(score_map, 0.7)
        assert (np.diff(found.scores) <= 0).all()
        got = sorted(zip(found.scores, *found.boxes.T))
        np.testing.assert_allclose(got, sorted(expected), rtol=1e-6)


def test_the_largest_contour_s_box_is_the_evaluation_s():
    rng = np.random.default_rng(2)
    whole = Protocol(clip=False)
    for number in range(200):
        coarse = rng.random((rng.integers(2, 9), rng.integers(2, 9)))
        score_map = np.kron(coarse, np.ones((3, 2))) if number % 2 else coarse
        for threshold in (0.0, 0.3, 0.6, 0.95):
            np.testing.assert_array_equal(
                largest_contour_box(score_map, threshold),
                map_boxes(score_map, threshold, whole),
            )
    assert largest_contour_box(np.zeros((4, 4)), 0.5).shape == (0, 4)


def test_otsu_is_the_level_of_least_variance_within():
    rng = np.random.default_rng(1)
    score_map = np.clip(
        np.where(rng.random((40, 40)) < 0.3, 0.8, 0.2) + rng.normal(0, 0.1, (40, 40)),
        0,
        1,
    )
    score_map /= score_map.max()
    grey = (score_map * 255).astype(np.uint8)
    within = []
    for level in range(255):
        above = grey > level
        parts = [grey[above], grey[~above]]
        within.append(sum(p.size * p.var() for p in parts if p.size))
    best = int(np.argmin(within))
    mask = foreground(score_map, otsu_threshold(score_map))
    np.testing.assert_array_equal(mask, grey > best)
