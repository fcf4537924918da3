"""What share of boxes is right, from a handful of drawn ones."""

import numpy as np
import pytest

from mmwsol.functional import Protocol, box_record, box_report
from mmwsol.functional.share_right import (
    ShareRight,
    hits_of_boxes,
    leave_one_out,
    middle_of_best,
)


@pytest.mark.parametrize(
    ('right', 'total', 'interval'),
    # R's prop.test(right, total, correct=FALSE)
    [
        (18, 20, (0.69897, 0.97213)),
        (0, 5, (0, 0.43448)),
        (5, 5, (0.56552, 1)),
        (1, 1, (0.20655, 1)),
    ],
)
def test_the_interval_is_wilsons(right, total, interval):
    np.testing.assert_allclose(ShareRight(right, total).interval, interval, atol=1e-4)


def test_a_threshold_is_not_chosen_on_the_image_it_is_judged_on():
    # either threshold is right of one image: the other image always chooses wrongly
    hits = np.array([[True, False], [False, True]])
    assert hits.sum(0).max() == 1
    assert leave_one_out(hits) == ShareRight(0, 2)
    # all agree: nothing is lost
    assert leave_one_out(np.ones((4, 9), bool)) == ShareRight(4, 4)


def test_leaving_one_out_is_what_it_says():
    hits = np.random.default_rng(0).random((12, 30)) < 0.6
    right = 0
    for place in range(12):
        others = np.delete(hits, place, 0).sum(0)
        right += hits[place, middle_of_best(others)]
    assert leave_one_out(hits) == ShareRight(right, 12)


def test_hits_are_those_that_the_report_counts():
    generator = np.random.default_rng(0)
    records = []
    for label in range(9):
        score_map = generator.random((6, 6)).repeat(8, 0).repeat(8, 1)
        # the peak decides which grey level a threshold is
        score_map *= generator.uniform(0.5, 1)
        x, y = generator.integers(0, 24, 2)
        box = np.array([[x, y, x + 20, y + 20]])
        records.append(box_record(score_map, box, label, 0, Protocol(), (0.3, 0.5)))
    curves = box_report(records, Protocol(), (0.3, 0.5)).curves
    for place, name in enumerate(('iou30', 'iou50')):
        hits = hits_of_boxes(records, place, 2)
        np.testing.assert_allclose(100 * hits.mean(0), curves[f'gt_known_{name}'])
