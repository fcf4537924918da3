"""Thresholds in files of metrics: the boxes' own, and none that no image stands behind."""

import json

import pytest

from mmwsol.apis.boxes_of_map import threshold_of
from mmwsol.io.tuned_thresholds import tuned_metrics

LOC = {
    'loc/gt_known': 50.0,
    'loc/threshold': 0.2,
    'loc/num_images': 4.0,
    'loc/num_invalid': 0.0,
}


def written(tmp_path, **metrics):
    file = tmp_path / 'metrics.json'
    file.write_text(json.dumps(dict(protocol=dict(threshold='oracle'), **metrics)))
    return str(file)


def test_the_threshold_is_that_of_boxes_and_not_of_masks(tmp_path):
    masks = {'pix/threshold': 0.9, 'pix/num_images': 4.0, 'pix/num_invalid': 4.0}
    assert threshold_of(written(tmp_path, **LOC, **masks)) == 0.2


def test_one_image_that_could_be_judged_is_enough(tmp_path):
    metrics = {**LOC, 'loc/num_invalid': 3.0}
    assert tuned_metrics(written(tmp_path, **metrics))['threshold'] == 0.2


@pytest.mark.parametrize(
    'metrics',
    [
        {**LOC, 'loc/num_invalid': 4.0},
        {**LOC, 'loc/num_pairs': 7.0, 'loc/num_invalid': 7.0},
        dict(metrics=dict(gt_known=0.0, threshold=0.0, num_images=4, num_invalid=4)),
    ],
)
def test_a_threshold_that_no_image_stands_behind_is_refused(tmp_path, metrics):
    with pytest.raises(ValueError, match='could be judged in .*metrics.json'):
        threshold_of(written(tmp_path, **metrics))
