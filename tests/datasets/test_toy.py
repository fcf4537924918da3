"""Drawings: the same at every call, with exact boxes, and none of them in training."""

import numpy as np

from mmwsol.datasets import ToyShapes


def test_toy_training_samples_carry_neither_box_nor_mask():
    info = ToyShapes(num_train=6).get_data_info(0)
    assert not {'instances', 'gt_bboxes', 'gt_seg_map'} & info.keys()


def test_toy_scenes_are_the_same_at_every_call():
    a, b = ToyShapes(num_train=12), ToyShapes(num_train=12)
    np.testing.assert_array_equal(a.draw(7, 'train').image, b.draw(7, 'train').image)
    assert (a.draw(7, 'train').image != a.draw(7, 'test').image).any()
    assert (a.draw(7, 'train').image != ToyShapes(seed=1).draw(7, 'train').image).any()


def test_toy_box_is_the_tight_box_of_the_mask():
    toy = ToyShapes()
    for number in range(24):
        scene = toy.draw(number, 'train')
        x0, y0, x1, y1 = (int(v) for v in scene.box)
        assert scene.mask[y0:y1, x0:x1].sum() == scene.mask.sum() > 0
        for edge in (
            scene.mask[y0],
            scene.mask[y1 - 1],
            scene.mask[:, x0],
            scene.mask[:, x1 - 1],
        ):
            assert edge.any()
