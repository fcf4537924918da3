"""Pseudo boxes reach training, and no true box does."""

import json
import random

import numpy as np
import pytest
from mmpretrain.registry import TRANSFORMS

from mmwsol.datasets import CUBLoc, ToyShapes
from mmwsol.datasets.transforms.load_pseudo_box import LoadPseudoBox
from mmwsol.datasets.transforms.random_resized_box_crop import RandomResizedBoxCrop
from mmwsol.random_state import set_random_state

NAMES = [f'toyshapes/train/{i}' for i in range(12)]
LOADED = [
    dict(type='LoadPseudoBox'),
    dict(type='PackInputs', algorithm_keys=('gt_bboxes',)),
]


def table(tmp_path, boxes):
    """A file with a box for some images."""
    lines = [f'{name},{",".join(map(str, box))}' for name, box in boxes.items()]
    file = tmp_path / 'boxes.csv'
    file.write_text('\n'.join(['image,x0,y0,x1,y1', *lines]))
    return str(file)


def toy(file, pipeline=LOADED, **options):
    return ToyShapes(num_train=12, pseudo_boxes=file, pipeline=pipeline, **options)


def test_a_training_image_has_its_pseudo_box_and_no_true_one(tmp_path):
    boxes = {name: (i, 2, 50 + i, 90) for i, name in enumerate(NAMES)}
    data = toy(table(tmp_path, boxes))
    for i in range(12):
        assert data[i]['data_samples'].gt_bboxes.tolist() == [[i, 2, 50 + i, 90]]
        info = data.get_data_info(i)
        assert not {'instances', 'gt_bboxes', 'gt_seg_map'} & info.keys()


@pytest.mark.parametrize('without_box', ['whole', 'skip'])
def test_images_without_one_are_counted_and_named(tmp_path, without_box, log_messages):
    boxes = dict.fromkeys(NAMES[2:], (1, 2, 30, 40)) | {
        'toyshapes/test/1': (1, 2, 3, 4)
    }
    data = toy(table(tmp_path, boxes), without_box=without_box)
    (message,) = log_messages
    treated = dict(whole='are taken whole', skip='are left out')[without_box]
    assert '2 of 12 images have no pseudo box' in message
    assert treated in message
    assert 'toyshapes/train/0, toyshapes/train/1' in message
    assert len(data) == dict(whole=12, skip=10)[without_box]
    first = data[0]['data_samples'].gt_bboxes.tolist()
    assert first == dict(whole=[[0, 0, 96, 96]], skip=[[1, 2, 30, 40]])[without_box]


@pytest.mark.parametrize('whole', [6, 7])
def test_boxes_of_whole_images_are_told_where_most_are(tmp_path, whole, log_messages):
    file = tmp_path / 'boxes.json'
    images = [dict(id=i, file_name=n, width=96, height=96) for i, n in enumerate(NAMES)]
    boxes = [
        dict(id=i, image_id=i, category_id=1, bbox=[0, 0, 96, 96 if i < whole else 90])
        for i in range(12)
    ]
    file.write_text(json.dumps(dict(images=images, annotations=boxes, categories=[])))
    toy(str(file))
    said = [m for m in log_messages if 'as large as their images' in m]
    assert len(said) == (whole > 6)
    assert all(m.startswith('7 of 12 pseudo boxes in ') for m in said)


def test_a_file_about_other_images_is_refused(tmp_path):
    others = {f'photos/{i}.jpg': (1, 2, 30, 40) for i in range(12)}
    with pytest.raises(ValueError, match=r'none of 12 of these 12.*names .photos/0'):
        toy(table(tmp_path, others))
    with pytest.raises(ValueError, match='none of 7 of these 12'):
        toy(table(tmp_path, dict.fromkeys(NAMES[:5], (1, 2, 30, 40))))


@pytest.mark.parametrize(
    ('box', 'said'),
    [
        ((0.1, 0.2, 0.5, 0.9), 'Expected boxes in pixels'),
        ((1, 2, 1, 40), 'Expected a box with x0 < x1'),
    ],
)
def test_boxes_that_are_none_are_refused(tmp_path, box, said):
    with pytest.raises(ValueError, match=said):
        toy(table(tmp_path, dict.fromkeys(NAMES, box)))


def test_what_is_not_there_or_makes_no_sense_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match='pseudo_boxes.*tools/export_boxes.py'):
        toy(str(tmp_path / 'none.json'))
    file = table(tmp_path, dict.fromkeys(NAMES, (1, 2, 30, 40)))
    with pytest.raises(ValueError, match='test_mode=True'):
        toy(file, test_mode=True)
    with pytest.raises(ValueError, match='without_box'):
        toy(file, without_box='drop')
    with pytest.raises(ValueError, match='`pseudo_boxes` in `train_dataloader`'):
        toy('')[0]


def test_the_first_box_is_taken_and_crowds_are_not(cub_root):
    data = CUBLoc(data_root=str(cub_root), pipeline=[])
    names = [record.path for record in data._in_split(data.read_records())]
    images = [dict(id=i, file_name=n) for i, n in enumerate(names)]
    boxes = [
        dict(image_id=i, bbox=[1 + k, 2, 20, 20], iscrowd=int(k == 0))
        for i in range(len(names))
        for k in range(3)
    ]
    file = cub_root / 'boxes.json'
    file.write_text(json.dumps(dict(images=images, annotations=boxes)))
    boxed = CUBLoc(data_root=str(cub_root), pipeline=[], pseudo_boxes=str(file))
    assert len(boxed) == len(names)
    assert boxed.get_data_info(0)['pseudo_box'] == [2, 2, 22, 22]


def loaded(box, size=None, shape=(60, 80)):
    results = dict(pseudo_box=box, img_shape=shape, img_path='a.jpg')
    return LoadPseudoBox().transform(results | dict(pseudo_box_size=size))['gt_bboxes']


def test_a_box_of_another_picture_is_named():
    assert loaded([1, 2, 82, 60]).tolist() == [[1, 2, 80, 60]]  # rounding
    assert loaded([1, 2, 70, 60], (81, 60)).dtype == np.float32
    with pytest.raises(ValueError, match='60 x 80 pixels in a.jpg.* got 80 x 60'):
        loaded([1, 2, 50, 60], (60, 80))
    with pytest.raises(ValueError, match='inside the 80 x 60 pixels of a.jpg'):
        loaded([1, 2, 95, 60])


def test_a_crop_shows_some_of_the_box_and_moves_it():
    set_random_state(0, 0, 0, 0)
    # every pixel is its own place, so that the part that was taken can be read off
    ys, xs = np.mgrid[:60, :80].astype(np.float32)
    image, box = np.stack([xs, ys, ys], 2), np.array([[61, 40, 73, 55]], np.float32)
    crop, areas = RandomResizedBoxCrop(32), []
    for _ in range(200):
        x0, y0, x1, y1 = crop.draw((60, 80), box[0])
        assert 0 <= x0 < x1 <= 80
        assert 0 <= y0 < y1 <= 60
        assert min(x1, 73) > max(x0, 61)
        assert min(y1, 55) > max(y0, 40)
        areas.append((x1 - x0) * (y1 - y0) / 4800)
        ratio = (x1 - x0) / (y1 - y0)
        assert 0.7 < ratio < 1.43
        found = crop.transform(dict(img=image, gt_bboxes=box))
        assert found['img'].shape[:2] == found['img_shape'] == (32, 32)
        (u0, v0, u1, v1) = found['gt_bboxes'][0]
        assert 0 <= u0 < u1 <= 32
        assert 0 <= v0 < v1 <= 32
        # where the box's corner was not cut away, its pixel is the corner's place
        across = found['img'][16, :, 0]
        if 1 < u0 < 31:
            assert np.interp(u0 - 0.5, np.arange(32), across) == pytest.approx(
                60.5, abs=1
            )
    assert min(areas) < 0.3
    assert max(areas) > 0.6


def test_where_no_crop_meets_the_box_the_image_is_whole(monkeypatch):
    monkeypatch.setattr(random, 'randint', lambda low, high: low)
    monkeypatch.setattr(random, 'uniform', lambda low, high: low)
    corner = np.array([90, 90, 99, 99])
    assert RandomResizedBoxCrop(32).draw((100, 100), corner) == (0, 0, 100, 100)
    # a fifth of the image, 3 : 4: 38.7 x 51.6 pixels
    assert RandomResizedBoxCrop(32).draw((100, 100), corner // 3) == (0, 0, 39, 52)


def test_a_flip_moves_the_box():
    flip = TRANSFORMS.build(dict(type='mmcv.RandomFlip', prob=1.0))
    results = dict(img=np.zeros((10, 20, 3)), img_shape=(10, 20))
    results['gt_bboxes'] = np.array([[2, 3, 8, 9]], np.float32)
    assert flip(results)['gt_bboxes'].tolist() == [[12, 3, 18, 9]]
