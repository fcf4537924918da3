"""The average precision of boxes, by names of images and classes."""

import json

import pytest

from mmwsol.io.formats import BoxCollection, CocoFormat
from tests.support.found_boxes import result
from tools import average_precision

BOX, FAR = (2, 3, 12, 8), (20, 15, 40, 30)
# of ten points at steps of 0.01 that pycocotools reads the curve at, those up to 1/2
HALF = 51 / 101


@pytest.fixture
def predictions(tmp_path):
    """A right cat of the best score, a wrong cat, and a right dog."""
    found = BoxCollection(['Cat', 'dog'], '', dict(config='a', checkpoint='b'))
    found.add(result('cat/1.jpg', boxes=[BOX], scores=[0.9]))
    found.add(result('cat/2.jpg', boxes=[FAR], scores=[0.5]))
    found.add(result('dog/1.jpg', label=1, boxes=[FAR], scores=[0.8]))
    CocoFormat().write(found, tmp_path / 'predictions.json')
    return tmp_path / 'predictions.json'


def measure(predictions, lines):
    truth = predictions.with_name('truth.csv')
    truth.write_text('\n'.join(lines))
    return average_precision.main([str(predictions), str(truth)])


def test_classes_count_where_they_are_called_alike(predictions, capsys):
    lines = ['image,x0,y0,x1,y1,class', 'cat/1.jpg,2,3,12,8,cat']
    lines += ['cat/2.jpg,2,3,12,8,cat', 'dog/1.jpg,20,15,40,30,dog']
    found = measure(predictions, lines)
    assert found['AP'] == found['AP at IoU 0.5'] == pytest.approx((HALF + 1) / 2)
    said = capsys.readouterr().out
    assert '3 true and 3 predicted boxes on 3 images, of each class' in said


def test_a_table_without_classes_judges_boxes_alone(predictions, capsys):
    lines = ['image,x0,y0,x1,y1', 'cat/1.jpg,2,3,12,8', 'else/9.jpg,1,1,2,2']
    assert measure(predictions, lines)['AP'] == pytest.approx(1)
    said = capsys.readouterr()
    assert '1 true and 1 predicted boxes on 1 images, whatever their class' in said.out
    assert '1 images of' in said.err


def test_an_image_without_a_true_box_has_only_wrong_ones(predictions):
    truth = json.loads(predictions.read_text())
    truth['annotations'] = truth['annotations'][2:]  # the dog's
    for annotation in truth['annotations']:
        del annotation['score']
    truth['images'][2]['id'] = truth['annotations'][0]['image_id'] = 77
    truth['categories'] = [dict(id=2, name='animal')]  # none of ours
    file = predictions.with_name('truth.json')
    file.write_text(json.dumps(truth))
    found = average_precision.main([str(predictions), str(file)])
    assert found['AP'] == pytest.approx(1 / 2)  # after the wrong one of cat/1.jpg


@pytest.mark.parametrize(
    ('wrong', 'said'),
    [
        ('other', 'Expected boxes of images that were looked at'),
        ('size', 'Expected boxes of the same pictures'),
        ('unscored', 'annotations with scores'),
        ('missing', 'No such file'),
    ],
)
def test_what_is_refused_in_a_sentence(predictions, tmp_path, wrong, said):
    truth = json.loads(predictions.read_text())
    if wrong == 'other':
        for image in truth['images']:
            image['file_name'] = f'x{image["id"]}.png'
    elif wrong == 'size':
        truth['images'][0]['width'] = 400
    elif wrong == 'unscored':
        del truth['annotations'][0]['score']
    file = tmp_path / 'truth.json'
    if wrong != 'missing':
        file.write_text(json.dumps(truth))
    pair = [str(file)] * 2 if wrong == 'unscored' else [str(predictions), str(file)]
    with pytest.raises(SystemExit, match=said):
        average_precision.main(pair)
