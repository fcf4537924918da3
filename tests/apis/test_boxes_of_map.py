"""Boxes of a map in the pixels of its image, by hand."""

import json

import numpy as np
import pytest

from mmwsol.apis.boxes_of_map import boxes_of_map, threshold_of


def two_squares() -> np.ndarray:
    """On 10 x 20 pixels, 4 x 4 pixels at 0.6 and 2 x 2 at 1."""
    score_map = np.zeros((10, 20), np.float32)
    score_map[2:6, 1:5] = 0.6
    score_map[8:10, 18:20] = 1.0
    return score_map


def test_largest_and_all_boxes_by_hand():
    # an image of 100 x 60: five pixels across and six down for each of the map's
    found = boxes_of_map(two_squares(), 0.5, (60, 100), 'largest')
    np.testing.assert_allclose(found.boxes, [[5, 12, 25, 36]])
    # 9.6 of a sum of 13.6 is in it; at 0.3 and 0.4 it is the same, at 0.6 (grey level 153
    # is not above itself) and 0.7 another
    np.testing.assert_allclose(found.map_scores, [9.6 / 13.6 * 2 / 4], rtol=1e-6)
    both = boxes_of_map(two_squares(), 0.5, (60, 100), 'all')
    np.testing.assert_allclose(both.boxes, [[90, 48, 100, 60], [5, 12, 25, 36]])
    # nothing is outside of both, and the small one is there at every threshold
    np.testing.assert_allclose(both.map_scores, [1.0, 0.5])
    # 4 of 200 pixels are 2 percent
    larger = boxes_of_map(two_squares(), 0.5, (60, 100), 'all', smallest=0.021)
    np.testing.assert_allclose(larger.boxes, [[5, 12, 25, 36]])
    high = boxes_of_map(two_squares(), 0.7, (60, 100))
    np.testing.assert_allclose(high.boxes, [[90, 48, 100, 60]])


def test_features_that_agree_let_a_box_be_trusted():
    # the map's left half is the box; features that are active at the same places agree
    # wholly, and those of an even picture, or of the other half, not at all
    score_map = np.zeros((8, 8), np.float32)
    score_map[:, :4] = 1

    def score(activity: np.ndarray | None) -> float:
        found = boxes_of_map(score_map, 0.5, (8, 8), activity=activity)
        np.testing.assert_array_equal(found.boxes, [[0, 0, 4, 8]])
        return found.map_scores.item()

    assert score(None) == score(score_map) == score(3 * score_map + 2) == 1
    # a quarter of the box and as much outside: half of it is held. Of 64 places 32 and 32
    # are active, 16 of them both: uncorrelated, for which the least is taken
    top = np.zeros_like(score_map)
    top[:4] = 7
    assert score(top) == pytest.approx((0.5 * 0.05) ** 0.5)
    assert score(np.ones_like(score_map)) == score(1 - score_map) == 0
    # all of the box and, half as active, a strip of two columns beside it: 32 of 40 are held
    wide = score_map.copy()
    wide[:, 4:6] = 0.5
    correlation = np.corrcoef(score_map.ravel(), wide.ravel())[0, 1]
    assert score(wide) == pytest.approx((32 / 40 * correlation) ** 0.5)


def test_a_feature_grid_is_resized_to_the_map():
    score_map = np.zeros((64, 64), np.float32)
    score_map[16:48, 16:48] = 1
    grid = score_map[8::16, 8::16]
    assert grid.shape == (4, 4)
    agrees = boxes_of_map(score_map, 0.5, (64, 64), activity=grid).map_scores.item()
    turned = boxes_of_map(score_map, 0.5, (64, 64), activity=1 - grid).map_scores.item()
    assert 0.7 < agrees < 1
    assert turned < 0.2


def test_activity_in_other_boxes_is_not_held_against_one():
    both = boxes_of_map(two_squares(), 0.5, (60, 100), 'all', activity=two_squares())
    np.testing.assert_allclose(both.map_scores, [1.0, 0.5])


def test_a_map_of_nothing_has_no_box():
    found = boxes_of_map(np.zeros((5, 5), np.float32), None, (50, 50))
    assert found.boxes.shape == (0, 4)
    assert found.map_scores.shape == (0,)
    assert boxes_of_map(np.zeros((5, 5)), 0.2, (50, 50), 'all').boxes.shape == (0, 4)


def test_thresholds_as_users_name_them(tmp_path):
    assert threshold_of('otsu') is None
    assert threshold_of('0.3') == threshold_of(0.3) == 0.3
    file = tmp_path / 'val.json'
    file.write_text(
        json.dumps({'loc/threshold': 0.45, 'protocol': {'threshold': 'oracle'}})
    )
    assert threshold_of(str(file)) == threshold_of(file) == 0.45
    with pytest.raises(ValueError, match=r'in \[0, 1\)'):
        threshold_of(1.0)
    with pytest.raises(FileNotFoundError, match='best'):
        threshold_of('best')
