"""PxAP: a slow reference, shards, refusals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mmengine.dist import collect_results

from mmwsol.evaluation import PxAP
from tests.support import reference
from tests.support.samples import masked


def pixels(samples, **kwargs):
    metric = PxAP(**kwargs)
    metric.process({}, samples)
    return metric.evaluate(len(samples))


def test_pixel_metrics_equal_the_reference_over_images():
    samples = [masked(i) for i in range(5)]
    result = pixels(samples)
    pxap, piou = reference.pixel_curve(
        [s['pred_map'][0].numpy() for s in samples],
        [s['gt_seg_map'].numpy() for s in samples],
    )
    assert result['pix/pxap'] == pytest.approx(pxap)
    assert result['pix/piou'] == pytest.approx(piou)
    assert result['pix/num_images'] == 5


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 9), st.integers(1, 4))
def test_pixel_metrics_of_shards_add_up(count, shards):
    """The padding of the last images is cut off although histograms are summed."""
    samples = [masked(i) for i in range(count)]
    length = -(-count // shards)
    padded = samples * (shards + 1)
    parts = []
    for rank in range(shards):
        metric = PxAP()
        metric.process({}, padded[rank : length * shards : shards])
        parts.append(metric.results)
    results = [result for group in zip(*parts) for result in group][:count]
    assert len(results) == count
    ours = PxAP().compute_metrics(results)
    assert {f'pix/{k}': v for k, v in ours.items()} == pixels(samples)


def test_pixel_metrics_keep_two_histograms_whatever_the_number_of_images():
    metric = PxAP()
    metric.process({}, [masked(i) for i in range(30)])
    assert sum(isinstance(r, np.ndarray) for r in metric.results) == 2
    assert len(collect_results(metric.results, 30)) == 30


def test_images_without_a_fitting_mask_are_named(log_messages):
    bad = masked(1, 'cat.jpg')
    bad['gt_seg_map'] = bad['gt_seg_map'][:4]
    result = pixels([masked(0), bad])
    assert result['pix/num_invalid'] == 1
    assert any(m.startswith('cat.jpg') and '(4, 11)' in m for m in log_messages)
    with pytest.raises(ValueError, match='cat.jpg'):
        pixels([bad], invalid='stop')
