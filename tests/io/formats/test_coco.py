"""Boxes as COCO files: what other tools read of them."""

import json

import numpy as np
import pytest
from matplotlib import pyplot
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from mmwsol.io.formats import CocoFormat
from mmwsol.io.image_folders import find_images
from tests.support.folders import put
from tests.support.found_boxes import CLASSES, FOUND


@pytest.fixture
def file(found, tmp_path):
    assert CocoFormat('results.json').write(found, tmp_path / 'predictions.json') == []
    return tmp_path / 'predictions.json'


def test_pycocotools_reads_the_same_boxes(file):
    coco = COCO(str(file))
    assert [c['name'] for c in coco.loadCats(coco.getCatIds())] == CLASSES
    images = coco.loadImgs(coco.getImgIds())
    for image, (name, size, label, boxes) in zip(images, FOUND, strict=True):
        assert (image['file_name'], image['height'], image['width']) == (name, *size)
        own = coco.loadAnns(coco.getAnnIds(image['id']))
        assert {one['category_id'] for one in own} <= {label + 1}
        xywh = [(x0, y0, x1 - x0, y1 - y0) for x0, y0, x1, y1 in boxes]
        np.testing.assert_allclose([one['bbox'] for one in own], xywh or [], atol=0.01)


def test_pycocotools_shows_the_boxes_and_makes_masks_of_them(file):
    coco = COCO(str(file))
    annotations = coco.loadAnns(coco.getAnnIds(catIds=[1], iscrowd=0))
    pyplot.figure()
    coco.showAnns(annotations, draw_bbox=True)
    pyplot.close()
    mask = coco.annToMask(annotations[0])
    expected = np.zeros((30, 40))
    expected[3:8, 2:12] = 1
    np.testing.assert_array_equal(mask, expected)
    assert annotations[0]['area'] == mask.sum() == 50


def test_pycocotools_scores_the_results_list(file):
    """Against themselves, boxes have an average precision of 1."""
    truth = COCO(str(file))
    scored = COCOeval(truth, truth.loadRes(str(file.with_name('results.json'))), 'bbox')
    scored.evaluate()
    scored.accumulate()
    scored.summarize()
    assert scored.stats[0] == 1


def test_the_fields_are_those_of_coco_s_own_files(file):
    content = json.loads(file.read_text())
    about = {'year', 'version', 'description', 'contributor', 'url', 'date_created'}
    assert about < content['info'].keys()
    assert content['info']['checkpoint'] == 'b.pth'
    licenses = {own['id'] for own in content['licenses']}
    assert {image['license'] for image in content['images']} == licenses
    keys = {'id', 'image_id', 'category_id', 'segmentation', 'area', 'bbox', 'iscrowd'}
    for annotation in content['annotations']:
        assert keys < annotation.keys()
        product = annotation['map_score'] * annotation['familiarity']
        product *= annotation['class_score'] ** 0.5
        assert annotation['score'] == pytest.approx(product, abs=1e-5)
    reasons = {image['file_name']: image.get('reason') for image in content['images']}
    assert reasons.pop('dog/1.png') == 'nothing above the threshold'
    assert {*reasons.values()} == {None}
    assert [own['file_name'] for own in content['failed']] == ['broken.jpg']


def test_a_file_that_is_no_folder_s_has_its_own_results(found, tmp_path):
    CocoFormat().write(found, tmp_path / 'train.json')
    assert {f.name for f in tmp_path.glob('*.json')} == {
        *('train.json', 'train_results.json')
    }


def test_the_search_for_images_knows_what_is_written(file):
    for name in ('pictures/1.jpg', 'yolo/images/1.jpg', 'voc/JPEGImages/1.jpg'):
        put(file.parent / name)
    put(file.parent / 'photos/2.jpg')
    images = find_images(file.parent).images
    assert images == sorted(['photos/2.jpg', *(f'photos/{own[0]}' for own in FOUND)])
