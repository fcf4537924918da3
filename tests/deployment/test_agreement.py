"""Two outputs that differ are found, and the worst is named."""

import re

import numpy as np
import pytest
import torch

from mmwsol.deployment import Agreement, ExportableLocalizer, compare, map_contrast
from tests.support.models import random_images, toy_model


class Shifted:
    """A session whose map of one image is off by 0.25, and whose scores are reversed there."""

    def __init__(self, model, images, wrong):
        self.exact = ExportableLocalizer(model)
        self.wrong = images[wrong].flip(0).numpy()

    def run(self, names, feed):
        with torch.no_grad():
            scores, maps = (
                out.numpy() for out in self.exact(torch.from_numpy(feed['images']))
            )
        for i, image in enumerate(feed['images']):
            if np.array_equal(image, self.wrong):
                scores[i] = scores[i, ::-1]
                maps[i] = np.maximum(maps[i] - 0.25, 0)
        return scores, maps


def test_a_wrong_output_is_found(generator):
    model = toy_model('cam/resnet18_toy.py')
    images = list(random_images(4, generator))
    found = compare(Shifted(model, images, 2), model, images, 0.3)
    assert found.maps[2] == pytest.approx(0.25, abs=1e-3)
    assert np.delete(found.maps, 2).max() < 1e-3
    assert found.same_class.tolist() == [True, True, False, True]
    assert found.same_boxes.tolist() == [True, True, False, True]
    names = ['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg']
    assert '`scores` of onnxruntime within 0.001' in found.problem(1e-3, names)
    assert 'for c.jpg' in found.problem(1e-3, names)


@pytest.mark.parametrize(
    ('maps', 'expected'),
    [
        ([0.0, 1e-3], None),
        ([2e-3, 5e-3], '`maps` of onnxruntime within 0.001.*0.005 for b$'),
        ([0.0, float('nan')], '`maps` of onnxruntime.*nan for b$'),
    ],
)
def test_the_worst_difference_is_named(maps, expected):
    same = np.ones(2, bool)
    problem = Agreement(np.zeros(2), np.array(maps), same, same).problem(
        1e-3, ['a', 'b']
    )
    assert problem is None if expected is None else re.search(expected, problem)


def test_contrast_of_a_map_before_it_is_stretched(generator):
    model = toy_model('cam/resnet18_toy.py')
    image = random_images(1, generator)[0]
    assert map_contrast(model, image) > 1e-3
    model.head.classifier.weight.data.zero_()
    model.head.classifier.bias.data.fill_(1)
    assert map_contrast(model, image) == 0
