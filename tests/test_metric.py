"""MaxBoxAccV2: hand-worked numbers, properties, refusals."""

import pytest
import torch

from mmwsol.evaluation import MaxBoxAccV2


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
    # Predicted boxes reach from x0 to x0 + width, inclusive, and IoU counts corners as
    # pixels: [1, 1, 5, 5] is 5 x 5 = 25 pixels.
    samples = [
        # the same box: IoU 1, class right
        sample((1, 1, 5, 5), [[1, 1, 5, 5]]),
        # 5 x 5 in 5 x 8: IoU 25 / 40 = 0.625, a hit at .3 and .5; class second
        sample((1, 1, 5, 5), [[1, 1, 5, 8]], scores=(0.4, 0.6, 0.0)),
        # 5 x 5 in 8 x 8: IoU 25 / 64 = 0.39, a hit at .3 only
        sample((1, 1, 5, 5), [[1, 1, 8, 8]]),
        # apart: no hit
        sample((0, 0, 2, 2), [[6, 6, 9, 9]]),
    ]
    result = evaluate(samples)
    # hits at IoU .3, .5, .7 of four: 3, 2, 1
    assert result['loc/maxboxacc_v2'] == pytest.approx(100 * (3 + 2 + 1) / 12)
    assert result['loc/maxboxacc'] == result['loc/gt_known'] == pytest.approx(50)
    assert result['loc/top1'] == pytest.approx(25)
    assert result['loc/top5'] == pytest.approx(50)


def test_all_contours_count_in_v2_and_only_the_largest_in_gt_known():
    one = sample((0, 0, 7, 3), [[5, 6, 8, 9]])
    one['pred_map'][0, 6:9, 5:8] = 1  # a second, smaller component on the object
    result = evaluate([one])
    assert result['loc/maxboxacc_v2'] == pytest.approx(100)
    assert result['loc/gt_known'] == 0


def test_best_of_several_true_boxes_counts():
    assert evaluate([sample((1, 1, 5, 5), [[7, 7, 9, 9], [1, 1, 5, 5]])])[
        'loc/gt_known'
    ] == pytest.approx(100)


def two_level_sample():
    """Right at thresholds below 0.4 (the whole object), wrong above (only a part)."""
    one = sample((4, 4, 5, 5), [[1, 1, 8, 8]])
    one['pred_map'][0, 1:8, 1:8] = torch.maximum(
        one['pred_map'][0, 1:8, 1:8], torch.tensor(0.4)
    )
    return one


def test_fixed_and_oracle_thresholds_are_two_results():
    assert evaluate([two_level_sample()], threshold=0.2)['loc/gt_known'] == 100
    assert evaluate([two_level_sample()], threshold=0.8)['loc/gt_known'] == 0
    oracle = evaluate([two_level_sample()])
    assert oracle['loc/gt_known'] == 100
    assert 0 <= oracle['loc/threshold'] < 0.4


def test_class_average_weighs_classes_not_images():
    samples = [sample((1, 1, 5, 5), [[1, 1, 5, 5]]) for _ in range(3)]
    samples.append(sample((0, 0, 2, 2), [[6, 6, 9, 9]], label=1))
    assert evaluate(samples)['loc/gt_known'] == pytest.approx(75)
    assert evaluate(samples, average='class')['loc/gt_known'] == pytest.approx(50)


def test_constant_map_is_scored_as_the_corner_box():
    flat = sample((0, 0, 0, 0), [[0, 0, 0, 0]])
    assert evaluate([flat])['loc/gt_known'] == pytest.approx(100)
    elsewhere = sample((0, 0, 0, 0), [[3, 3, 9, 9]])
    assert evaluate([elsewhere])['loc/maxboxacc_v2'] == 0


def test_order_and_batching_do_not_matter():
    samples = [
        sample((i, 1, i + 3, 5), [[2, 1, 5, 5]], label=i % 3, path=f'{i}.jpg')
        for i in range(6)
    ]
    whole = evaluate(samples)
    metric = MaxBoxAccV2()
    for one in reversed(samples):
        metric.process({}, [one])
    assert metric.evaluate(6) == whole


def test_little_is_kept_of_an_image():
    metric = MaxBoxAccV2()
    metric.process({}, [sample((1, 1, 5, 5), [[1, 1, 5, 5]], size=200)])
    assert len(metric.results[0].hits) == 2 * 3 * 255 // 8 + 1  # bytes


def test_images_without_boxes_are_counted_and_left_out(log_messages):
    samples = [sample((1, 1, 5, 5), [[1, 1, 5, 5]]), sample((1, 1, 5, 5), [])]
    assert evaluate(samples)['loc/gt_known'] == 100
    assert any('1 of 2 images' in message for message in log_messages)


@pytest.mark.parametrize('value', [float('nan'), float('inf'), 1.5, -0.1])
def test_map_outside_its_range_names_the_image(value):
    one = sample((1, 1, 5, 5), [[1, 1, 5, 5]], path='birds/wren.jpg')
    one['pred_map'][0, 0, 0] = value
    with pytest.raises(ValueError, match='birds/wren.jpg'):
        evaluate([one])


def test_wrong_shape_names_the_image():
    one = sample((1, 1, 5, 5), [[1, 1, 5, 5]], path='birds/wren.jpg')
    one['pred_map'] = one['pred_map'][0]
    with pytest.raises(ValueError, match=r'birds/wren.jpg.*\(10, 10\)'):
        evaluate([one])


@pytest.mark.parametrize(
    'kwargs', [dict(threshold='best'), dict(threshold=1.0), dict(average='mean')]
)
def test_unknown_options_are_refused(kwargs):
    with pytest.raises(ValueError, match=f'`{next(iter(kwargs))}`'):
        MaxBoxAccV2(**kwargs)
