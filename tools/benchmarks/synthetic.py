"""Batches of random images, as large as a config's pipeline makes them."""

import numpy as np
import torch
from mmengine.config import ConfigDict
from mmengine.dataset import Compose
from mmpretrain.registry import DATASETS, TRANSFORMS
from mmpretrain.structures import DataSample

SHAPES = ((300, 400), (500, 350))  # of images, before the pipeline


def synthetic_batch(
    batch_size: int, size: tuple[int, int], num_classes: int, seed: int = 0
) -> dict:
    """What a loader gives: noise, and labels in turn.

    Args:
        batch_size: Images.
        size: Of each, ``(H, W)``.
        num_classes: Of the labels.
        seed: Of the noise.
    """
    generator = torch.Generator().manual_seed(seed)
    images = torch.randint(
        256, (batch_size, 3, *size), dtype=torch.uint8, generator=generator
    )
    samples = [DataSample().set_gt_label(i % num_classes) for i in range(batch_size)]
    return dict(inputs=list(images), data_samples=samples)


def pipeline_size(dataset: ConfigDict) -> tuple[int, int]:
    """``(H, W)`` of what a data set's pipeline makes.

    The transforms are run on noise, without what reads files. Where that leaves the size
    open it is the first image's.
    """
    transforms = Compose(
        [
            TRANSFORMS.build(transform)
            for transform in dataset.pipeline
            if not transform.type.rpartition('.')[2].startswith(('Load', 'Pack'))
        ]
    )
    sizes = set()
    for shape in SHAPES:
        image = np.zeros((*shape, 3), np.uint8)
        results = dict(img=image, img_shape=shape, ori_shape=shape, gt_label=0)
        sizes.add(transforms(results)['img'].shape[:2])
    if len(sizes) == 1:
        return sizes.pop()
    return tuple(DATASETS.build(dataset)[0]['inputs'].shape[-2:])
