"""Constant maps, and maps whose values are not finite, by hand."""

import numpy as np
import pytest
import torch

from mmwsol.evaluation import MaxBoxAccV2, PxAP
from mmwsol.functional import PROTOCOLS
from mmwsol.io.map_folders import Annotations, map_file, write_annotations
from tools import eval_maps

NAN, INF = float('nan'), float('inf')
HALF = np.repeat([1, 0], [4, 6]).astype(np.uint8)[:, None].repeat(12, 1)  # 4 rows of 10


@pytest.mark.parametrize('box', ['largest', 'all', 'tight'])
@pytest.mark.parametrize('protocol', PROTOCOLS)
@pytest.mark.parametrize('value', [0.0, 0.4, 1.0])
def test_the_box_of_a_constant_map(value, protocol, box):
    """The first pixel if all is 0, as published; else the whole map."""
    options = dict(box=box, clip=True)
    whole = value > 0
    for boxes, hit in (
        ([[0, 0, 0, 0]], not whole),
        ([[0, 0, 11, 9]], whole),
        # corners as pixels: 12 x 8 of 12 x 10 are an IoU of 0.8
        ([[0, 2, 11, 9]], whole),
        # 3 x 3 of 12 x 10
        ([[8, 6, 10, 8]], False),
    ):
        metric = MaxBoxAccV2(protocol=protocol, **options)
        metric.process({}, [constant_sample(value, boxes)])
        result = metric.evaluate(1)
        for name in ('maxboxacc_v2', 'maxboxacc', 'gt_known', 'top1', 'top5'):
            assert result[f'loc/{name}'] == pytest.approx(100 * hit), (boxes, name)
        assert result['loc/num_invalid'] == 0


def constant_sample(value, boxes=((0, 0, 11, 9),)):
    return dict(
        pred_map=torch.full((1, 10, 12), value),
        pred_score=torch.tensor([1.0, 0, 0, 0, 0]),
        gt_label=torch.tensor([0]),
        gt_bboxes=torch.tensor(boxes, dtype=torch.float64),
        gt_seg_map=torch.from_numpy(HALF),
        img_path='flat.jpg',
    )


@pytest.mark.parametrize('value', [0.0, 0.4, 1.0])
def test_the_pixels_of_a_constant_map(value):
    metric = PxAP()
    metric.process({}, [constant_sample(value)])
    result = metric.evaluate(1)
    # everything is found at once, and 4 rows of 10 are right
    assert result['pix/pxap'] == pytest.approx(40)
    assert result['pix/piou'] == pytest.approx(40)
    assert result['pix/threshold'] == 0


@pytest.mark.parametrize('value', [NAN, INF])
@pytest.mark.parametrize('kind', [MaxBoxAccV2, PxAP])
def test_a_map_that_is_not_finite_is_a_named_miss_or_stops(kind, value, log_messages):
    metric = kind()
    metric.process({}, [constant_sample(value), constant_sample(1.0)])
    result = metric.evaluate(2)
    assert result[f'{metric.prefix}/num_invalid'] == 1
    assert log_messages[:1] == [
        'flat.jpg has a map with 120 values that are not finite. It counts as a miss.'
    ]
    if kind is MaxBoxAccV2:
        assert result['loc/gt_known'] == 50
    else:  # scored 0: at a threshold above, 48 of the other map's 120 are right, of 96
        assert result['pix/pxap'] == pytest.approx(40)
        assert result['pix/piou'] == pytest.approx(40)
    with pytest.raises(ValueError, match='flat.jpg has a map with 120 values'):
        kind(invalid='stop').process({}, [constant_sample(value)])


def test_constant_maps_in_files(tmp_path, capsys):
    """By hand: 0 finds the first pixel, 1 the whole image, NaN nothing."""
    ids = [f'{i}.jpg' for i in range(3)]
    annotations = Annotations(
        ids,
        dict.fromkeys(ids, 0),
        dict.fromkeys(ids, (12, 10)),
        boxes=dict(zip(ids, ([(0, 0, 0, 0)], [(0, 2, 11, 9)], [(0, 0, 11, 9)]))),
    )
    write_annotations(tmp_path, annotations)
    (tmp_path / 'maps').mkdir()
    for image, value in zip(ids, (0.0, 1.0, NAN)):
        np.save(map_file(tmp_path / 'maps', image), np.full((10, 12), value))
    arguments = ['--maps', tmp_path / 'maps', '--ann', tmp_path]
    result = eval_maps.main([*map(str, arguments), '--out', str(tmp_path / 'out.json')])
    assert result['metrics']['gt_known'] == pytest.approx(200 / 3)
    assert result['metrics']['maxboxacc_v2'] == pytest.approx(200 / 3)
    assert result['metrics']['num_invalid'] == 1
    assert (
        '2.jpg has a map with 120 values that are not finite' in capsys.readouterr().err
    )
