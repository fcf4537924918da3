"""Predictions as a COCO file: what other tools read of it."""

import json

import numpy as np
import pytest
from matplotlib import pyplot
from pycocotools.coco import COCO

from mmwsol.io.coco import CocoWriter
from mmwsol.io.image_folders import find_images
from tests.support.folders import put


@pytest.fixture
def file(tmp_path):
    writer = CocoWriter(['cat', 'dog'], tmp_path, dict(config='a.py', checkpoint='b'))
    for name, box in (('1.jpg', (2, 3, 12, 8)), ('2.jpg', (0, 0, 40, 30))):
        writer.add(
            dict(
                image=str(tmp_path / name),
                pred_map=np.zeros((30, 40)),
                image_size=(30, 40),
                pred_bboxes=np.array([box], float),
                map_scores=np.array([0.5]),
                pred_scores=np.array([0.2, 0.8]),
                pred_label=1,
                map_label=None,
            )
        )
    writer.write(tmp_path / 'predictions.json')
    return tmp_path / 'predictions.json'


def test_pycocotools_shows_the_boxes_and_makes_masks_of_them(file):
    coco = COCO(str(file))
    annotations = coco.loadAnns(coco.getAnnIds(catIds=[2], iscrowd=0))
    pyplot.figure()
    coco.showAnns(annotations, draw_bbox=True)
    pyplot.close()
    mask = coco.annToMask(annotations[0])
    expected = np.zeros((30, 40))
    expected[3:8, 2:12] = 1
    np.testing.assert_array_equal(mask, expected)
    assert annotations[0]['area'] == mask.sum() == 50
    assert coco.annToMask(annotations[1]).all()


def test_the_fields_are_those_of_coco_s_own_files(file):
    content = json.loads(file.read_text())
    about = {'year', 'version', 'description', 'contributor', 'url', 'date_created'}
    assert about < content['info'].keys()
    assert content['info']['checkpoint'] == 'b'
    licenses = {own['id'] for own in content['licenses']}
    assert {image['license'] for image in content['images']} == licenses
    keys = {'id', 'image_id', 'category_id', 'segmentation', 'area', 'bbox', 'iscrowd'}
    for annotation in content['annotations']:
        assert keys < annotation.keys()
        parts = annotation['class_score'], annotation['map_score']
        assert (annotation['score'], *parts) == (0.4, 0.8, 0.5)
        assert annotation['segmentation'] != []


def test_the_search_for_images_knows_the_file(file):
    put(file.parent / 'pictures/1.jpg.jpg')
    put(file.parent / '1.jpg')
    assert find_images(file.parent).images == ['1.jpg']
