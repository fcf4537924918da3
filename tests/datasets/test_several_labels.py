"""Several labels an image: every label is judged as an image of its own."""

import numpy as np
import pytest
import torch
from mmengine.dist import collect_results

from mmwsol.evaluation import MapFiles, MaxBoxAccV2, PxAP
from tests.support import reference
from tests.support.samples import masked, random_samples
from tools import eval_maps


def evaluate(metric, samples):
    metric.process({}, samples)
    return metric.evaluate(len(samples))


def boxed(labels, found, true, scores=(0.9, 0.8, 0.7, 0.6, 0.5, 0.4), path='a.jpg'):
    """Maps that are 1 inside one box each; true boxes with their labels."""
    maps = torch.zeros(len(found), 10, 10)
    for own, (x0, y0, x1, y1) in zip(maps, found):
        own[y0:y1, x0:x1] = 1
    return dict(
        pred_map=maps,
        pred_score=torch.tensor(scores),
        gt_label=torch.tensor(labels, dtype=torch.long),
        gt_bboxes=torch.tensor([b for _, b in true], dtype=torch.float64).reshape(
            -1, 4
        ),
        gt_bboxes_labels=torch.tensor([label for label, _ in true], dtype=torch.long),
        img_path=path,
    )


LEFT, RIGHT = (1, 1, 4, 8), (6, 1, 9, 8)


def three_images():
    return [
        # labels 0 and 2: each map on its own box
        boxed([0, 2], [LEFT, RIGHT], [(0, LEFT), (2, RIGHT)]),
        # labels 0 and 2: the map of 2 is on the box of 0, which does not count for it
        boxed([0, 2], [LEFT, LEFT], [(2, RIGHT), (0, LEFT)]),
        # label 2 alone: the map is off
        boxed([2], [LEFT], [(2, RIGHT)]),
    ]


def test_three_images_by_hand():
    result = evaluate(MaxBoxAccV2(), three_images())
    # 5 labels, hit: 0 and 2 of the first, 0 of the second
    assert result['loc/gt_known'] == pytest.approx(100 * 3 / 5)
    assert result['loc/maxboxacc_v2'] == pytest.approx(100 * 3 / 5)
    assert (result['loc/num_images'], result['loc/num_pairs']) == (3, 5)
    assert result['loc/num_invalid'] == 0


def test_average_over_classes_is_corloc_by_hand():
    result = evaluate(MaxBoxAccV2(average='class'), three_images())
    # of the images with class 0: 2 of 2; with class 2: 1 of 3
    assert result['loc/gt_known'] == pytest.approx(100 * (2 / 2 + 1 / 3) / 2)


def test_labels_of_the_image_do_not_push_each_other_down():
    # scores fall with the class: of labels 0 and 2, only class 1 is above 2
    one = boxed([0, 2], [LEFT, RIGHT], [(0, LEFT), (2, RIGHT)])
    result = evaluate(MaxBoxAccV2(), [one])
    assert (result['loc/top1'], result['loc/top5']) == (50, 100)
    # labels 0 and 1 are both before all that the image does not have
    both = boxed([0, 1], [LEFT, RIGHT], [(0, LEFT), (1, RIGHT)])
    assert evaluate(MaxBoxAccV2(), [both])['loc/top1'] == 100
    # five classes that the image does not have are above 5
    last = boxed([5], [LEFT], [(5, LEFT)])
    assert evaluate(MaxBoxAccV2(), [last])['loc/top5'] == 0


def test_pixels_by_hand():
    # four pixels: the first label's, the second's, background, not counted
    mask = torch.tensor([[1, 2], [0, 255]])
    maps = torch.tensor([[[1.0, 0.5], [0.0, 1.0]], [[0.5, 1.0], [0.0, 0.0]]])
    one = dict(pred_map=maps, gt_label=torch.tensor([7, 3]), gt_seg_map=mask)
    result = evaluate(PxAP(), [one])
    # both rank their own pixel before the other label's, and that before background
    assert result['pix/pxap'] == pytest.approx(100)
    assert (result['pix/num_images'], result['pix/num_pairs']) == (1, 2)
    swapped = {**one, 'pred_map': maps.flip(0)}
    # at 1 (bin by bin from above): 2 false, at 0.5: 2 true of 4, precision 2 / 4
    result = evaluate(PxAP(), [swapped])
    assert result['pix/pxap'] == pytest.approx(50)
    assert result['pix/piou'] == pytest.approx(100 * 2 / 4)


def joined(samples):
    """One image with the labels, maps and boxes of several."""
    labels = torch.arange(len(samples))
    return dict(
        pred_map=torch.cat([s['pred_map'] for s in samples]),
        pred_score=torch.linspace(0.1, 0.9, 8, dtype=torch.float64).flip(0),
        gt_label=labels,
        gt_bboxes=torch.cat([s['gt_bboxes'] for s in samples]),
        gt_bboxes_labels=torch.cat(
            [
                torch.full((len(s['gt_bboxes']),), label)
                for s, label in zip(samples, labels)
            ]
        ),
        img_path='/data/joined.jpg',
    )


@pytest.mark.parametrize('average', ['image', 'class'])
def test_boxes_equal_a_slow_reference(average):
    """Every label's thousand thresholds by OpenCV's contours, one by one."""
    groups = [random_samples(1, 3), random_samples(2, 2), random_samples(3, 1)]
    metric = MaxBoxAccV2(average=average)
    result = evaluate(metric, [joined(group) for group in groups])
    ious, labels = [], []
    for group in groups:
        for label, one in enumerate(group):
            boxes = np.floor(one['gt_bboxes'].numpy())
            ious.append(reference.best_ious(one['pred_map'][0].numpy(), boxes)[1])
            labels.append(label)
    hits, labels = np.array(ious) >= 0.5, np.array(labels)
    if average == 'class':
        curve = np.mean([hits[labels == label].mean(0) for label in set(labels)], 0)
    else:
        curve = hits.mean(0)
    assert result['loc/gt_known'] == pytest.approx(100 * curve.max())
    np.testing.assert_allclose(metric.report.curves['gt_known_iou50'], 100 * curve)
    assert result['loc/num_pairs'] == 6


def test_pixels_equal_a_slow_reference():
    rng = np.random.default_rng(0)
    samples, maps, masks = [], [], []
    for count in (1, 2, 3):
        own = rng.random((count, 9, 11)).astype(np.float32)
        seg = rng.choice([*range(count + 1), 255], (9, 11))
        samples.append(
            dict(
                pred_map=torch.tensor(own),
                gt_label=torch.arange(count),
                gt_seg_map=torch.tensor(seg),
            )
        )
        for place in range(count):
            maps.append(own[place])
            mask = np.zeros((9, 11), int)
            for y in range(9):
                for x in range(11):
                    if seg[y, x] == 255:
                        mask[y, x] = 255
                    elif seg[y, x] == place + 1:
                        mask[y, x] = 1
            masks.append(mask)
    result = evaluate(PxAP(), samples)
    pxap, piou = reference.pixel_curve(maps, masks)
    assert result['pix/pxap'] == pytest.approx(pxap)
    assert result['pix/piou'] == pytest.approx(piou)
    assert result['pix/num_pairs'] == 6


def test_single_labels_give_the_same_with_and_without_labels_of_boxes():
    samples = random_samples(4)
    told = [
        {**s, 'gt_bboxes_labels': s['gt_label'].repeat(len(s['gt_bboxes']))}
        for s in samples
    ]
    alone = evaluate(MaxBoxAccV2(average='class'), samples)
    assert evaluate(MaxBoxAccV2(average='class'), told) == alone
    assert 'loc/num_pairs' not in alone
    pixels = [masked(i) for i in range(3)]
    labelled = [{**s, 'gt_label': torch.tensor([i])} for i, s in enumerate(pixels)]
    assert evaluate(PxAP(), pixels) == evaluate(PxAP(), labelled)


def test_a_joined_image_scores_as_its_parts():
    """Split into single-label images, the same maps and boxes give the same numbers."""
    group = random_samples(6, 4)
    one = joined(group)
    ranks = [one['pred_score'].clone() for _ in group]
    for label, scores in enumerate(ranks):  # the other labels are out of the way
        scores[[other for other in range(4) if other != label]] = 0
    parts = [
        {**s, 'gt_label': torch.tensor([label]), 'pred_score': scores}
        for (label, s), scores in zip(enumerate(group), ranks)
    ]
    together = evaluate(MaxBoxAccV2(average='class'), [one])
    assert (together.pop('loc/num_images'), together.pop('loc/num_pairs')) == (1, 4)
    apart = evaluate(MaxBoxAccV2(average='class'), parts)
    assert apart.pop('loc/num_images') == 4
    assert together == apart


def test_one_map_that_knows_no_class_is_every_labels():
    one = boxed([0, 2], [LEFT], [(0, LEFT), (2, RIGHT)])
    assert evaluate(MaxBoxAccV2(), [one])['loc/gt_known'] == 50


def test_an_image_without_a_label_is_no_pair():
    none = boxed([], [], [])
    samples = [*three_images(), none]
    result = evaluate(MaxBoxAccV2(), samples)
    assert (result['loc/num_images'], result['loc/num_pairs']) == (4, 5)
    assert result['loc/gt_known'] == pytest.approx(60)


def mixed(count):
    """Images with none to three labels, boxes and masks."""
    rng = np.random.default_rng(9)
    samples = []
    for i in range(count):
        group = random_samples(i, 3)[: i % 4]
        one = joined(group) if group else boxed([], [], [])
        one['gt_seg_map'] = torch.tensor(rng.choice([0, 1, 2, 3, 255], (12, 15)))
        samples.append(one)
    return samples


@pytest.mark.parametrize('metric', [MaxBoxAccV2, PxAP])
@pytest.mark.parametrize('shards', [2, 3])
def test_shards_add_up_to_the_whole(metric, shards):
    """One entry an image, whatever its labels: padding is cut by the number of images."""
    samples = mixed(10)
    length = -(-len(samples) // shards)
    padded = samples * 2
    parts = []
    for rank in range(shards):
        own = metric()
        own.process({}, padded[rank : length * shards : shards])
        assert len(collect_results(own.results, length)) == length
        parts.append(own.results)
    results = [result for group in zip(*parts) for result in group][: len(samples)]
    # named tuples arrive as plain ones
    results = [
        [tuple(r) for r in own] if isinstance(own, list) else own for own in results
    ]
    whole = metric()
    assert evaluate(whole, samples) == {
        f'{whole.prefix}/{k}': v for k, v in metric().compute_metrics(results).items()
    }


def test_what_is_wrong_with_a_label_is_named(log_messages):
    bad = boxed([0, 2], [LEFT, RIGHT], [(0, LEFT)], path='dog.jpg')
    result = evaluate(MaxBoxAccV2(), [bad])
    assert (result['loc/gt_known'], result['loc/num_invalid']) == (50, 1)
    assert 'dog.jpg (label 2) has no true box. It counts as a miss.' in log_messages
    assert any('1 of 2 labels' in message for message in log_messages)
    with pytest.raises(ValueError, match=r'dog.jpg \(label 2\) has no true box'):
        evaluate(MaxBoxAccV2(invalid='stop'), [bad])
    three = boxed([0, 2], [LEFT, LEFT, LEFT], [(0, LEFT), (2, LEFT)])
    with pytest.raises(ValueError, match=r'label 0\) has a map of shape \(3, 10, 10\)'):
        evaluate(MaxBoxAccV2(invalid='stop'), [three])
    three['gt_seg_map'] = torch.ones(10, 10)
    with pytest.raises(ValueError, match=r'label 0\) has a map of shape \(3, 10, 10\)'):
        evaluate(PxAP(invalid='stop'), [three])


def test_images_without_a_mask_are_skipped_when_asked(log_messages):
    bare = dict(pred_map=torch.rand(2, 9, 11), gt_label=torch.tensor([0, 1]))
    whole = evaluate(PxAP(), [masked(0)])
    assert evaluate(PxAP(no_mask='skip'), [bare, masked(0), bare]) == whole
    assert not log_messages
    assert evaluate(PxAP(no_mask='skip'), [bare]) == {
        'pix/num_images': 0,
        'pix/num_invalid': 0,
    }
    assert evaluate(PxAP(), [bare, masked(0)])['pix/num_invalid'] == 2
    with pytest.raises(ValueError, match="`no_mask`.*'leave'"):
        PxAP(no_mask='leave')


def test_written_maps_have_the_metrics_numbers(tmp_path):
    samples = []
    for i, count in enumerate((3, 1, 2)):
        one = joined(random_samples(i, count))
        one['gt_bboxes'] = one['gt_bboxes'].floor()
        samples.append({**one, 'img_path': f'/data/{i}.jpg'})
    writer = MapFiles(tmp_path, '/data')
    assert evaluate(writer, samples) == {}
    assert (tmp_path / 'maps/0.jpg@2.npy').is_file()
    assert (tmp_path / 'maps/1.jpg.npy').is_file()
    arguments = ['--maps', tmp_path / 'maps', '--ann', tmp_path / 'annotations']
    arguments += ['--average', 'class', '--out', tmp_path / 'out.json']
    written = eval_maps.main([str(a) for a in arguments])['metrics']
    own = evaluate(MaxBoxAccV2(average='class'), samples)
    assert own['loc/num_pairs'] == written.pop('num_images') == 6
    for name, value in written.items():
        assert own[f'loc/{name}'] == value, name
