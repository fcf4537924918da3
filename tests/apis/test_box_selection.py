"""Which boxes are kept, and values that classes have of their own."""

import argparse

import numpy as np
import pytest

from mmwsol.apis.box_selection import BoxSelection
from mmwsol.apis.class_values import class_value, values_of_classes
from mmwsol.io.formats import BoxCollection
from tests.support.found_boxes import CLASSES, result

BOX, SAME, FAR = (0, 0, 10, 10), (0, 0, 10, 9), (20, 20, 40, 30)


def select(lowest=0.0, overlap=0.7):
    return BoxSelection(np.broadcast_to(lowest, (len(CLASSES),)), overlap)


def test_the_lowest_score_is_the_class_s():
    lowest = np.array([0.5, 0.1, 0, 0])
    own = select(lowest).of(result('a.jpg', label=0, boxes=[BOX, FAR], scores=[1, 0.6]))
    np.testing.assert_array_equal(own['pred_bboxes'], [BOX])
    assert own['reason'] is None
    kept = select(lowest).of(result('a.jpg', label=1, boxes=[BOX, FAR]))
    assert len(kept['pred_bboxes']) == len(kept['bbox_scores']) == 2


def test_an_image_that_loses_its_last_box_says_why():
    own = select(0.8).of(result('a.jpg', boxes=[BOX], scores=[1.0]))
    assert own['reason'] == 'its best score, 0.753, is below 0.8'
    empty = select(0.8).of(result('a.jpg', boxes=[]))
    assert empty['reason'] == 'nothing above the threshold'
    assert empty['pred_bboxes'].shape == (0, 4)


def test_a_box_that_a_better_one_covers_is_left_out():
    given = result('a.jpg', boxes=[BOX, SAME, FAR], scores=[0.5, 0.6, 0.4])
    own = select().of(given)
    np.testing.assert_array_equal(own['pred_bboxes'], [SAME, FAR])
    np.testing.assert_allclose(own['map_scores'], [0.6, 0.4])
    assert len(select(overlap=1).of(given)['pred_bboxes']) == 3


def test_a_class_that_is_told_is_certain():
    own = select().of(result('a.jpg', label=0, boxes=[BOX], scores=[0.5]), label=2)
    assert own['class_score'] == 1
    np.testing.assert_allclose(own['bbox_scores'], [0.45])


def test_an_image_of_something_else_says_so():
    strange = dict(result('a.jpg', boxes=[BOX]), familiarity=0.001)
    strange['bbox_scores'] = np.array([0.0007])
    own = select(0.01).of(strange)
    assert (len(own['pred_bboxes']), own['reason']) == (
        *(0, 'unlike the images of any class'),
    )
    assert select(0).of(strange)['reason'] is None


@pytest.mark.parametrize(('overlap', 'kept'), [(0.7, 2), (0.95, 3)])
def test_classes_of_one_image_do_not_share_a_box(overlap, kept):
    """Results of one image, whatever comes between them."""
    found = BoxCollection(CLASSES, overlap=overlap)
    found.add(result('a.jpg', label=0, boxes=[BOX, FAR], scores=[0.5, 0.4]))
    found.add(result('b.jpg', label=0, boxes=[BOX]))
    found.add(result('a.jpg', label=1, boxes=[SAME], scores=[0.6]))
    image = found.images[0]
    assert [one.label for one in image.boxes][:2] == [1, 0]
    assert len(image.boxes) == kept
    assert found.num_boxes == kept + 1


def test_numbers_for_all_classes_and_for_one():
    given = [class_value(text) for text in ('0.3', 'a=b=0.5')]
    values = values_of_classes(given, ['a=b', 'c'], '--smallest', 0.1)
    np.testing.assert_array_equal(values, [0.5, 0.3])
    values = values_of_classes(given[1:], ['a=b', 'c'], '--smallest', 0.1)
    np.testing.assert_array_equal(values, [0.5, 0.1])


@pytest.mark.parametrize('text', ['photos/', 'nan', '1.5', '-1', '=0.5', 'cat=', 'inf'])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError, match='but got'):
        class_value(text)


@pytest.mark.parametrize(
    ('texts', 'said'),
    [
        (['cta=0.5'], "in `--smallest`, but got 'cta'; the nearest is cat."),
        (['cat=0.5', 'cat=0.4'], "several for 'cat'"),
        (['0.5', '0.4'], 'several for all classes'),
    ],
)
def test_classes_that_are_not_there_or_there_twice_are_refused(texts, said):
    given = [*map(class_value, texts)]
    with pytest.raises(ValueError, match=said.replace('`', '.')):
        values_of_classes(given, ['cat', 'dog'], '--smallest', 0.1)
