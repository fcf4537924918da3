"""Boxes that are drawn afterwards, to judge those that were found."""

import numpy as np
import pytest

from mmwsol.apis.drawn_boxes import DrawnBoxes
from tests.support.folders import make_own


def hill(place, height=0.5):
    """A map of 50 x 50 with a square of 20 on a lower one of 30, at a place."""
    score_map = np.zeros((50, 50), np.float32)
    x, y = place
    score_map[y : y + 30, x : x + 30] = height
    score_map[y + 5 : y + 25, x + 5 : x + 25] = 1
    return score_map


def result(score_map, box):
    """A result of an image that is twice as wide and four times as high as its map."""
    return dict(pred_map=score_map, image_size=(200, 100), pred_bboxes=np.array([box]))


def test_found_boxes_are_compared_in_the_images_own_pixels():
    drawn = DrawnBoxes({'a': [(20, 60, 60, 140.0)], 'b': [(0, 0, 50, 50.0)]})
    drawn.add('a', result(hill((5, 10)), (20, 60, 60, 140.0)))
    drawn.add('b', result(hill((5, 10)), (60, 60, 99, 140.0)))
    drawn.add('c', result(hill((5, 10)), (0, 0, 9, 9.0)))  # which nobody drew
    drawn.add('b', dict(error='is truncated'))
    (line,) = drawn.summary('otsu')
    assert line.startswith('right by the drawn boxes, at IoU 0.5: 1 of 2; 9-91 %')
    assert line.endswith('with --threshold otsu')


def test_a_threshold_that_fits_better_is_named_and_promises_not_too_much():
    places = [(3, 3), (9, 2), (15, 15), (2, 14), (8, 8), (12, 3)]
    # the wide square was found, the small one is true
    boxes = {
        str(i): [(2.0 * (x + 5), 4 * (y + 5), 2 * (x + 25), 4 * (y + 25))]
        for i, (x, y) in enumerate(places)
    }
    drawn = DrawnBoxes(boxes)
    for i, (x, y) in enumerate(places):
        wide = (2 * x, 4 * y, 2 * x + 60, 4 * y + 120)
        drawn.add(str(i), result(hill((x, y)), wide))
    now, better = drawn.summary('0.2')
    assert '0 of 6; 0-39 %' in now
    assert better.startswith('--threshold 0.7')
    assert 'fits them best, 6 of 6' in better
    assert better.endswith('6 of 6; 61-100 %: use it')


def test_a_threshold_that_only_seems_to_fit_is_not_recommended(monkeypatch):
    box = (20, 60, 60, 140.0)
    drawn = DrawnBoxes({'a': [box], 'b': [box], 'c': [box]})
    for name in 'abc':
        drawn.add(name, result(hill((5, 10)), (0, 0, 1, 1.0)))
    # each image has a threshold of its own, which the others cannot know
    hits = np.eye(3, 1000, dtype=bool)
    monkeypatch.setattr('mmwsol.apis.drawn_boxes.hits_of_boxes', lambda *args: hits)
    assert drawn.summary('otsu')[1].endswith('0 of 3; 0-56 %: which promises no more')


def test_no_image_with_a_drawn_box():
    assert DrawnBoxes({'a': []}).summary('otsu') == [
        'no image with a drawn box was looked at'
    ]


def test_the_file_is_named_from_here_or_from_the_images(tmp_path, monkeypatch, capsys):
    root = make_own(tmp_path / 'own')
    names = ('cat/1.png', 'cat/2.png', 'dog/1.png', 'dog/3.png')
    classes = dict.fromkeys(names, 'any')
    drawn = DrawnBoxes.read('boxes.csv', root, classes, None)
    assert len(drawn.boxes['cat/1.png']) == 2
    monkeypatch.chdir(tmp_path)
    assert DrawnBoxes.read('own/boxes.csv', root, classes, None).boxes == drawn.boxes
    with pytest.raises(FileNotFoundError, match='for --drawn, but there is none at x'):
        DrawnBoxes.read('x.csv', root, classes, None)


def test_a_box_without_a_map_has_no_threshold_to_advise():
    box = (20, 60, 60, 140.0)
    drawn = DrawnBoxes({name: [box] for name in 'abcd'})
    for name in 'abcd':
        found = box if name < 'c' else (0, 0, 1, 1.0)
        drawn.add(name, result(hill((5, 10)), found) | dict(pred_map=None))
    (line,) = drawn.summary('otsu')
    assert '2 of 4' in line
    assert 'threshold' not in line
