"""Boxes lie on pictures as displayed or as stored, as the data set has them."""

import numpy as np
from mmengine.config import Config

from tests.support.folders import brightest, configured, put
from tests.support.images import picture, stored, turned
from tests.support.models import ROOT


def test_own_boxes_are_on_the_picture_as_displayed(tmp_path):
    # stored 40 x 30 with the box (8, 6, 20, 24); turned clockwise a stored pixel (x, y) is
    # displayed at (30 - 1 - y, x), so the box at (30 - 24, 8, 30 - 6, 20) of 30 x 40
    put(tmp_path / 'cat/1.jpg', turned(picture(color=(255, 255, 255))))
    put(tmp_path / 'dog/1.jpg', stored('JPEG', picture()))
    (tmp_path / 'boxes.csv').write_text('image,x0,y0,x1,y1\ncat/1.jpg,6,8,24,20\n')
    (tmp_path / 'val.txt').write_text('cat/1.jpg\ndog/1.jpg\n')
    changes = dict(val_per_class=0, val_list=str(tmp_path / 'val.txt'))
    sample = configured('custom', tmp_path, boxes='boxes.csv', **changes)[0]
    expected = np.array([6, 8, 24, 20]) * np.array([224 / 30, 224 / 40] * 2)
    found = sample['data_samples'].gt_bboxes
    np.testing.assert_allclose(found, [expected], rtol=1e-6)
    assert abs(brightest(sample) - expected).max() < 8  # blurred by the resize


def test_official_boxes_are_on_the_picture_as_stored(cub_root):
    # the fifth image's box is x 4, y 3, width 24, height 15
    white = picture(box=(4, 3, 28, 18), color=(255, 255, 255))
    put(cub_root / 'images/001.Albatross/bird_4.jpg', turned(white))
    sample = configured('cub', cub_root)[0]
    expected = np.array([4, 3, 28, 18]) * np.array([224 / 40, 224 / 30] * 2)
    found = sample['data_samples'].gt_bboxes
    np.testing.assert_allclose(found, [expected], rtol=1e-6)
    assert abs(brightest(sample) - expected).max() < 8
    # 256 x 256, of which the middle 224
    sample = configured('cub_legacy', cub_root)[0]
    expected = np.array([4, 3, 28, 18]) * np.array([256 / 40, 256 / 30] * 2) - 16
    assert abs(brightest(sample) - expected).max() < 8


def test_training_pictures_are_turned_as_evaluated_ones_are():
    for name, flag in (('custom', 'color'), ('cub', 'color_ignore_orientation')):
        config = Config.fromfile(ROOT / f'configs/_base_/datasets/{name}.py')
        for loader in (config.train_dataloader, config.test_dataloader):
            assert loader.dataset.pipeline[0].color_type == flag
