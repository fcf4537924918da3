"""MaxBoxAccV2: hand-worked numbers, protocols, properties, refusals."""

import json
import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmwsol.apis.boxes_of_map import threshold_of
from mmwsol.evaluation import MaxBoxAccV2
from mmwsol.functional import (
    THRESHOLDS,
    BoxRecord,
    box_iou,
    box_record,
    box_report,
    get_protocol,
    map_boxes,
)
from tests.support import reference
from tests.support.samples import four_images, random_samples


def sample(box, gt_boxes, label=0, scores=(0.9, 0.1, 0.0), size=10, path='a.jpg'):
    """An image whose map is 1 inside a box of whole pixels (exclusive) and 0 outside."""
    score_map = torch.zeros(1, size, size)
    x0, y0, x1, y1 = box
    score_map[0, y0:y1, x0:x1] = 1
    return dict(
        pred_map=score_map,
        pred_score=torch.tensor(scores),
        gt_label=torch.tensor([label]),
        gt_bboxes=torch.tensor(gt_boxes, dtype=torch.float64).reshape(-1, 4),
        img_path=path,
    )


def evaluate(samples, **kwargs):
    metric = MaxBoxAccV2(**kwargs)
    metric.process({}, samples)
    return metric.evaluate(len(samples))


def test_four_images_by_hand():
    result = evaluate(four_images(sample))
    # hits at IoU .3, .5, .7 of four: 3, 2, 1
    assert result['loc/maxboxacc_v2'] == pytest.approx(100 * (3 + 2 + 1) / 12)
    assert result['loc/maxboxacc'] == result['loc/gt_known'] == pytest.approx(50)
    assert result['loc/top1'] == pytest.approx(25)
    assert result['loc/top5'] == pytest.approx(50)
    # and at every IoU
    assert [result[f'loc/gt_known_iou{i}'] for i in (30, 50, 70)] == [75, 50, 25]
    assert [result[f'loc/top1_iou{i}'] for i in (30, 50, 70)] == [50, 25, 25]
    assert [result[f'loc/maxboxacc_v2_iou{i}'] for i in (30, 50, 70)] == [75, 50, 25]
    assert result['loc/num_images'] == 4
    assert result['loc/num_invalid'] == 0


def test_all_contours_count_in_v2_and_only_the_largest_in_gt_known():
    one = sample((0, 0, 7, 3), [[5, 6, 8, 9]])
    one['pred_map'][0, 6:9, 5:8] = 1  # a second, smaller component on the object
    assert evaluate([one])['loc/maxboxacc_v2'] == pytest.approx(100)
    assert evaluate([one])['loc/gt_known'] == 0
    assert evaluate([one], box='all')['loc/gt_known'] == 100


def test_best_of_several_true_boxes_counts():
    assert evaluate([sample((1, 1, 5, 5), [[7, 7, 9, 9], [1, 1, 5, 5]])])[
        'loc/gt_known'
    ] == pytest.approx(100)


def two_level_sample(weak=0.4):
    """Right at thresholds below `weak` (the whole object), wrong above (only a part)."""
    one = sample((4, 4, 5, 5), [[1, 1, 8, 8]])
    body = one['pred_map'][0, 1:8, 1:8]
    one['pred_map'][0, 1:8, 1:8] = torch.maximum(body, torch.tensor(weak))
    return one


def test_fixed_and_oracle_thresholds_are_two_results():
    assert evaluate([two_level_sample()], threshold=0.2)['loc/gt_known'] == 100
    fixed = evaluate([two_level_sample()], threshold='fixed=0.8')
    assert fixed['loc/gt_known'] == 0
    assert fixed['loc/threshold'] == pytest.approx(0.8)
    # MaxBoxAcc keeps its meaning; accuracy at the fixed threshold has another name
    assert fixed['loc/maxboxacc_v2'] == fixed['loc/maxboxacc'] == 100
    assert fixed['loc/boxacc_v2'] == 0
    oracle = evaluate([two_level_sample()])
    assert oracle['loc/gt_known'] == 100
    assert 0 <= oracle['loc/threshold'] < 0.4
    assert 'loc/boxacc_v2' not in oracle


def test_curve_and_where_its_maximum_sits():
    # right only between 0.2 and 0.6: below, the whole map is foreground
    one = two_level_sample(weak=0.6)
    one['pred_map'].clamp_(min=0.2)
    metric = MaxBoxAccV2()
    metric.process({}, [one])
    result = metric.evaluate(1)
    curve = np.array(metric.report.curves['gt_known_iou70'])
    grey = (one['pred_map'][0].numpy() * 255).astype(np.uint8)  # 51, 153, 255
    inside = (THRESHOLDS * 255).astype(int) >= grey.min()
    inside &= (THRESHOLDS * 255).astype(int) < 153
    np.testing.assert_array_equal(curve == 100, inside)
    assert result['loc/threshold_iou70'] == THRESHOLDS[inside][0]


def test_threshold_from_another_split(tmp_path):
    # on the held-out split 0.4 is right for the whole object, on the test split too late
    file = tmp_path / 'val.json'
    held_out = MaxBoxAccV2()
    held_out.process({}, [two_level_sample()] + four_images(sample))
    metrics = held_out.evaluate(5)
    file.write_text(json.dumps({**metrics, 'protocol': dict(threshold='oracle')}))
    chosen = evaluate([two_level_sample(0.3)], threshold=f'from_split={file}')
    fixed = evaluate([two_level_sample(0.3)], threshold=metrics['loc/threshold'])
    assert chosen['loc/gt_known'] == fixed['loc/gt_known']
    assert chosen['loc/threshold'] == metrics['loc/threshold']
    # each IoU has the threshold tuned for it
    for iou in (30, 50, 70):
        name = f'loc/threshold_v2_iou{iou}'
        assert chosen[name] == pytest.approx(metrics[name])


def test_files_that_cannot_give_a_threshold_are_refused(tmp_path):
    missing, other = tmp_path / 'missing.json', tmp_path / 'other.json'
    with pytest.raises(FileNotFoundError, match='missing.json'):
        evaluate(four_images(sample), threshold=f'from_split={missing}')
    other.write_text(json.dumps(dict(protocol=dict(threshold='fixed=0.2'), metrics={})))
    with pytest.raises(ValueError, match="'oracle'.*'fixed=0.2'"):
        evaluate(four_images(sample), threshold=f'from_split={other}')
    other.write_text(json.dumps(dict(protocol=dict(threshold='oracle'), metrics={})))
    with pytest.raises(ValueError, match='threshold_iou30'):
        evaluate(four_images(sample), threshold=f'from_split={other}')


def test_class_average_weighs_classes_not_images():
    samples = [sample((1, 1, 5, 5), [[1, 1, 5, 5]]) for _ in range(3)]
    samples.append(sample((0, 0, 2, 2), [[6, 6, 9, 9]], label=1))
    assert evaluate(samples)['loc/gt_known'] == pytest.approx(75)
    assert evaluate(samples, average='class')['loc/gt_known'] == pytest.approx(50)


def test_bas_needs_more_than_half_and_compares_the_map_itself():
    # a predicted box of 4 x 4 pixels and its exclusive end: 5 x 5; true 5 x 10: IoU 0.5
    half = sample((1, 0, 5, 4), [[1, 0, 5, 9]])
    assert evaluate([half])['loc/gt_known'] == 100
    assert evaluate([half], protocol='bas', threshold=0.3)['loc/gt_known'] == 0
    assert evaluate([half], protocol='paper')['loc/gt_known'] == 100
    # 38.4 / 255 is above 0.15, its grey level 38 is not above int(0.15 * 255) = 38
    faint = sample((1, 1, 2, 2), [[1, 1, 5, 5]])
    faint['pred_map'][0, 1:5, 1:5].clamp_(min=38.4 / 255)
    assert evaluate([faint], threshold=0.15)['loc/gt_known'] == 0
    assert evaluate([faint], protocol='bas')['loc/gt_known'] == 100


def test_constant_map_is_scored_as_the_corner_box():
    flat = sample((0, 0, 0, 0), [[0, 0, 0, 0]])
    assert evaluate([flat])['loc/gt_known'] == pytest.approx(100)
    elsewhere = sample((0, 0, 0, 0), [[3, 3, 9, 9]])
    assert evaluate([elsewhere])['loc/maxboxacc_v2'] == 0


@pytest.mark.parametrize('average', ['image', 'class'])
def test_the_whole_suite_equals_a_slow_reference(average):
    samples = random_samples(5)
    metric = MaxBoxAccV2(average=average)
    metric.process({}, samples)
    result = metric.evaluate(len(samples))
    ious = np.stack(
        [
            reference.best_ious(
                s['pred_map'][0].numpy(), np.floor(s['gt_bboxes'].numpy())
            )
            for s in samples
        ]
    )
    labels = [int(s['gt_label']) for s in samples]
    ranks = [
        int((s['pred_score'] > s['pred_score'][s['gt_label']]).sum()) for s in samples
    ]

    def mean(hits):  # (N, T) -> (T,) percent
        if average == 'image':
            return 100 * hits.mean(0)
        classes = sorted(set(labels))
        return 100 * np.mean(
            [hits[[k == label for k in labels]].mean(0) for label in classes], axis=0
        )

    maxima = []
    for delta in (0.3, 0.5, 0.7):
        name = f'iou{round(100 * delta)}'
        every, known = mean(ious[:, 0] >= delta), mean(ious[:, 1] >= delta)
        maxima.append(every.max())
        assert result[f'loc/maxboxacc_v2_{name}'] == pytest.approx(every.max())
        assert result[f'loc/threshold_v2_{name}'] == THRESHOLDS[every.argmax()]
        assert result[f'loc/gt_known_{name}'] == pytest.approx(known.max())
        np.testing.assert_allclose(metric.report.curves[f'gt_known_{name}'], known)
        for k in (1, 5):
            top = mean((ious[:, 1] >= delta) & (np.array(ranks) < k)[:, None])
            expected = top[known.argmax()]
            assert result[f'loc/top{k}_{name}'] == pytest.approx(expected)
    assert result['loc/maxboxacc_v2'] == pytest.approx(np.mean(maxima))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.permutations(range(7)), st.integers(1, 6))
def test_order_and_batches_change_nothing(seed, order, cut):
    samples = random_samples(seed)
    metric = MaxBoxAccV2(average='class', num_threads=2)
    shuffled = [samples[i] for i in order]
    metric.process({}, shuffled[:cut])
    metric.process({}, shuffled[cut:])
    assert metric.evaluate(7) == evaluate(samples, average='class')


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 5))
def test_shards_add_up(seed, shards):
    """Records of several processes, interleaved and cut as mmengine does it."""
    samples = random_samples(seed)
    padded = (
        samples + samples
    )  # a sampler repeats images until processes have equally many
    length = -(-len(samples) // shards)
    parts = []
    for rank in range(shards):
        metric = MaxBoxAccV2()
        metric.process({}, padded[rank : length * shards : shards])
        parts.append(metric.results)
    records = [record for group in zip(*parts) for record in group][: len(samples)]
    report = box_report(
        [BoxRecord(*r) for r in records], get_protocol('wsolevaluation')
    )
    assert {f'loc/{k}': v for k, v in report.metrics.items()} == evaluate(samples)


def test_little_is_kept_of_an_image():
    metric = MaxBoxAccV2()
    metric.process({}, [sample((1, 1, 5, 5), [[1, 1, 5, 5]], size=200)])
    assert len(metric.results[0].hits) == 2 * 3 * 255 // 8 + 1  # bytes


@pytest.mark.parametrize(
    ('change', 'problem'),
    [
        (lambda s: s['pred_map'].fill_(float('nan')), 'not finite'),
        (lambda s: s['pred_map'].fill_(float('inf')), 'not finite'),
        (lambda s: s['pred_map'].fill_(1.5), r'outside \[0, 1\]'),
        (lambda s: s.update(pred_map=torch.zeros(2, 10, 10)), r'\(2, 10, 10\)'),
        (lambda s: s.update(gt_bboxes=torch.zeros(0, 4)), 'no true box'),
        (lambda s: s.update(gt_bboxes=torch.tensor([[5.0, 1, 2, 4]])), 'x0 > x1'),
    ],
)
def test_what_cannot_be_judged_is_named_counted_and_a_miss(
    change, problem, log_messages
):
    bad = sample((1, 1, 5, 5), [[1, 1, 5, 5]], path='birds/wren.jpg')
    change(bad)
    result = evaluate([sample((1, 1, 5, 5), [[1, 1, 5, 5]]), bad])
    assert result['loc/gt_known'] == 50  # it stays in the denominator
    assert result['loc/num_invalid'] == 1
    named = [m for m in log_messages if m.startswith('birds/wren.jpg')]
    assert len(named) == 1
    assert re.search(problem, named[0])
    assert any('1 of 2 images' in m for m in log_messages)
    with pytest.raises(ValueError, match='birds/wren.jpg'):
        evaluate([bad], invalid='stop')


def test_warnings_do_not_flood(log_messages):
    bad = [sample((1, 1, 5, 5), [], path=f'{i}.jpg') for i in range(40)]
    assert evaluate(bad)['loc/num_invalid'] == 40
    assert len(log_messages) == 11


@pytest.mark.parametrize(
    'kwargs',
    [
        dict(threshold='best'),
        dict(threshold=1.0),
        dict(average='mean'),
        dict(protocol='mine'),
        dict(invalid='skip'),
        dict(iou_thresholds=(0.3,)),
    ],
)
def test_unknown_options_are_refused(kwargs):
    with pytest.raises(ValueError, match=f'`{next(iter(kwargs))}`'):
        MaxBoxAccV2(**kwargs)


def test_fixed_threshold_of_a_record_is_exact_where_the_protocol_says_so():
    protocol = get_protocol('bas', threshold='fixed=0.5')
    score_map = np.full((8, 8), 0.2)
    score_map[1:6, 1:6] = 0.5000001
    record = box_record(score_map, [[1, 1, 6, 6]], 0, 0, protocol, (0.5,))
    report = box_report([record], protocol, (0.5,))
    assert report.metrics['gt_known'] == 100


def test_thresholds_that_are_shares_of_a_percentile():
    # grey levels of 60 pixels: 255 once, 100 nine times, 60 fifteen times, else 0; the 90th
    # percentile is place 0.9 x 59 = 53.1 of those in order, 100
    score_map = np.zeros((6, 10))
    score_map[1:4, 0:5] = 60 / 255
    score_map[1:4, 6:9] = 100 / 255
    score_map[5, 9] = 1
    boxes = [[6, 1, 9, 4]]
    usual, share = get_protocol('wsolevaluation'), dict(percentile=90.0, clip=False)
    protocol = get_protocol('wsolevaluation', **share)
    records = [
        box_record(score_map, boxes, 0, 0, own, (0.3, 0.5, 0.7))
        for own in (usual, protocol)
    ]
    assert [record.whole for record in records] == [255, 100.0]
    metrics, curves = (
        [
            getattr(box_report([record], own), name)
            for record, own in zip(records, (usual, protocol))
        ]
        for name in ('metrics', 'curves')
    )
    # 60 is reached at .6 x 100, so from there on the box is the square's; 255 is not
    # reached, so to the end
    hits = np.array(curves[1]['gt_known_iou50'])
    assert not hits[:600].any()
    assert hits[600:].all()
    # as shares of the maximum: from 60 / 255 to 100 / 255
    hits = np.flatnonzero(curves[0]['gt_known_iou50'])
    assert [hits[0], hits[-1]] == [236, 392]
    # MaxBoxAccV2 has shares of the maximum whatever the protocol
    assert metrics[1]['maxboxacc_v2'] == metrics[0]['maxboxacc_v2']
    assert curves[1]['v2_iou50'] == curves[0]['v2_iou50']
    assert map_boxes(score_map, 0.7, protocol).tolist() == [[6, 1, 9, 4]]
    assert map_boxes(score_map, 0.7, usual).tolist() == [[9, 5, 9, 5]]
    # a fixed threshold of the map itself
    exact = get_protocol('bas', threshold='fixed=0.7', percentile=90.0)
    record = box_record(score_map, boxes, 0, 0, exact, (0.5,))
    assert box_report([record], exact, (0.5,)).metrics['gt_known'] == 100


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([40.0, 75.0, 90.0]))
def test_a_percentile_by_a_slow_search(seed, percentile):
    samples = random_samples(seed)
    metric = MaxBoxAccV2(percentile=percentile, average='class')
    metric.process({}, samples)
    metric.evaluate(len(samples))
    labels = [int(one['gt_label']) for one in samples]
    for place in range(0, 1000, 20):
        hits = []
        for one in samples:
            score_map = one['pred_map'][0].numpy()
            boxes = np.floor(np.asarray(one['gt_bboxes']) + 1e-6)
            found = map_boxes(score_map, THRESHOLDS[place], metric.protocol)
            found = found if len(found) else np.zeros((1, 4))
            hits.append(box_iou(found, boxes).max() >= 0.5)
        classes = [np.equal(labels, label) for label in {*labels}]
        mean = np.mean([np.mean(np.array(hits)[own]) for own in classes])
        curve = metric.report.curves['gt_known_iou50']
        assert curve[place] == pytest.approx(100 * mean)


def test_the_hundredth_percentile_is_the_maximum_to_the_last_bit():
    samples = random_samples(1)
    assert evaluate(samples) == evaluate(samples, percentile=100)
    metric = MaxBoxAccV2(percentile=50)
    metric.process({}, samples)
    assert evaluate(samples) != metric.evaluate(len(samples))


def test_shares_of_other_percentiles_do_not_mix(tmp_path):
    samples, file = random_samples(2), tmp_path / 'val.json'
    metrics = evaluate(samples, percentile=90)
    protocol = dict(threshold='oracle', percentile=90.0)
    file.write_text(json.dumps({**metrics, 'protocol': protocol}))
    tuned = f'from_split={file}'
    again = evaluate(samples, percentile=90, threshold=tuned)
    assert again['loc/gt_known'] == metrics['loc/gt_known']
    with pytest.raises(ValueError, match='shares of percentile 100 .*got .* 90'):
        evaluate(samples, threshold=tuned)
    with pytest.raises(ValueError, match='shares of percentile 100 .*got .* 90'):
        threshold_of(
            file
        )  # boxes of tools/infer.py are found with shares of the maximum


@pytest.mark.parametrize('percentile', [0, 101, float('nan'), '90'])
def test_a_percentile_that_is_none_is_refused(percentile):
    with pytest.raises(ValueError, match='`percentile` of a protocol.*got'):
        MaxBoxAccV2(percentile=percentile)
