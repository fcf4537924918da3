"""Batches of images of one size, and of several where that is allowed."""

import pytest
import torch
from mmengine.dataset import default_collate
from mmpretrain.structures import DataSample

from mmwsol.datasets.collate_images import collate_images


def items(*sizes):
    return [
        dict(inputs=torch.rand(3, *size), data_samples=DataSample().set_gt_label(i))
        for i, size in enumerate(sizes)
    ]


@pytest.mark.parametrize('several_sizes', [False, True])
def test_images_of_one_size_are_put_together_as_by_mmengine(several_sizes):
    batch = items((8, 6), (8, 6))
    found = collate_images(batch, several_sizes)
    assert torch.equal(found['inputs'], default_collate(batch)['inputs'])
    assert [int(s.gt_label) for s in found['data_samples']] == [0, 1]


def test_images_of_several_sizes_are_listed_in_evaluation():
    found = collate_images(items((8, 6), (6, 8)), several_sizes=True)
    assert [tuple(image.shape) for image in found['inputs']] == [(3, 8, 6), (3, 6, 8)]


def test_images_of_several_sizes_are_refused_in_training():
    said = '`train_dataloader.dataset.pipeline`, but got 8 x 6 and 6 x 8 .*batch_size=1'
    with pytest.raises(ValueError, match=said):
        collate_images(items((8, 6), (6, 8)))
