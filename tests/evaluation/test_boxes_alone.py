"""Metrics of a model that predicts one box an image and no map."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmwsol.evaluation import MapFiles, MaxBoxAccV2, PxAP
from mmwsol.functional import box_iou
from tests.support.samples import four_images


def sample(box, gt_boxes, scores=(0.9, 0.1, 0.0), label=0):
    return dict(
        pred_bboxes=torch.tensor([box], dtype=torch.float32),
        pred_score=torch.tensor(scores),
        gt_label=torch.tensor([label]),
        gt_bboxes=torch.tensor(gt_boxes, dtype=torch.float64).reshape(-1, 4),
        img_path='a.jpg',
    )


def evaluate(samples, metric=None, **kwargs):
    metric = metric or MaxBoxAccV2(**kwargs)
    for one in samples:  # batches of one
        metric.process({}, [one])
    return metric.evaluate(len(samples))


def test_four_images_by_hand():
    found = evaluate(four_images(sample))
    assert found == {
        'loc/gt_known': 50,
        'loc/top1': 25,
        'loc/top5': 50,
        'loc/gt_known_iou30': 75,
        'loc/top1_iou30': 50,
        'loc/top5_iou30': 75,
        'loc/gt_known_iou50': 50,
        'loc/top1_iou50': 25,
        'loc/top5_iou50': 50,
        'loc/gt_known_iou70': 25,
        'loc/top1_iou70': 25,
        'loc/top5_iou70': 25,
        'loc/num_images': 4,
        'loc/num_invalid': 0,
    }


@pytest.mark.parametrize('protocol', ['wsolevaluation', 'bas', 'paper'])
def test_the_same_box_as_a_map_of_it_for_every_protocol(protocol):
    # a map that is 1 in the box ends where the box does, away from the image's border
    rng = np.random.default_rng(0)
    boxes, maps = [], []
    for i in range(20):
        x0, y0, width, height = rng.integers((0, 0, 4, 4), (10, 10, 12, 12))
        true = rng.integers((0, 0, 12, 12), (10, 10, 25, 25)).tolist()
        one = sample((x0, y0, x0 + width, y0 + height), [true], label=i % 3)
        score_map = torch.zeros(1, 32, 32)
        score_map[0, y0 : y0 + height, x0 : x0 + width] = 1
        boxes.append(one)
        maps.append({k: v for k, v in one.items() if k != 'pred_bboxes'})
        maps[-1]['pred_map'] = score_map
    alone, of_maps = (evaluate(own, protocol=protocol) for own in (boxes, maps))
    for name, value in alone.items():
        assert value == pytest.approx(of_maps[name]), name
    assert {'loc/threshold', 'loc/maxboxacc', 'loc/maxboxacc_v2'} <= (
        of_maps.keys() - alone.keys()
    )


corner = st.integers(0, 20).map(float)


@settings(deadline=None)  # machines may be busy
@given(*[corner] * 6, st.sampled_from(['pixels', 'continuous']), st.booleans())
def test_a_hit_is_what_the_iou_says(x, y, u, v, width, height, iou, strict):
    box, true = [x, y, x + width, y + height], [u, v, u + 7, v + 5]
    found = evaluate([sample(box, [true])], iou=iou, strict=strict)
    value = box_iou(np.array([box]), np.array([true]), iou)[0, 0]
    for needed in (0.3, 0.5, 0.7):
        hit = value > needed if strict else value >= needed
        assert found[f'loc/gt_known_iou{100 * needed:g}'] == 100 * hit


def test_other_ious_and_no_scores():
    first = four_images(sample)[1]
    del first['pred_score']
    found = evaluate([first], iou_thresholds=(0.5, 0.6))
    assert found['loc/gt_known'] == found['loc/gt_known_iou60'] == 100
    assert 'loc/top1' not in found


def test_a_box_that_is_none_is_a_miss_and_counted(log_messages):
    broken = sample((1, 1, float('nan'), 5), [[1, 1, 5, 5]])
    found = evaluate([*four_images(sample), broken])
    assert found['loc/gt_known'] == pytest.approx(40)
    assert found['loc/num_invalid'] == 1
    assert 'a.jpg has a box with values that are not finite' in log_messages[0]
    with pytest.raises(ValueError, match='not finite'):
        evaluate([broken], invalid='stop')
    several = four_images(sample)[0] | dict(pred_bboxes=torch.zeros(2, 4))
    with pytest.raises(ValueError, match='where .1, 4. is expected'):
        evaluate([several], invalid='stop')


def test_the_thresholds_of_another_split_are_not_asked_for():
    found = evaluate(four_images(sample), threshold='from_split=no_such_file.json')
    assert found['loc/gt_known'] == 50


def test_a_report_has_no_curves():
    metric = MaxBoxAccV2()
    evaluate(four_images(sample), metric)
    assert metric.report.to_dict().keys() == {'metrics', 'protocol'}


def test_maps_of_some_and_boxes_of_others_are_refused():
    with_map = four_images(sample)[0] | dict(pred_map=torch.ones(1, 9, 9))
    with pytest.raises(ValueError, match='got maps of some and boxes of others'):
        evaluate([four_images(sample)[1], with_map])


def test_of_several_labels_each_has_the_box():
    one = sample((1, 1, 5, 5), [[1, 1, 5, 5], [6, 6, 9, 9]])
    one |= dict(gt_label=torch.tensor([0, 1]), gt_bboxes_labels=torch.tensor([0, 1]))
    found = evaluate([one])
    assert (found['loc/num_pairs'], found['loc/gt_known']) == (2, 50)


def test_there_are_no_pixel_metrics(log_messages):
    one = four_images(sample)[0] | dict(gt_seg_map=torch.ones(1, 9, 9))
    assert evaluate([one, one], PxAP()) == {}
    assert 'PxAP judges maps' in log_messages[0]


def test_there_are_no_maps_to_write(tmp_path):
    with pytest.raises(ValueError, match='maps for MapFiles, but it predicts one box'):
        evaluate(four_images(sample), MapFiles(str(tmp_path)))
