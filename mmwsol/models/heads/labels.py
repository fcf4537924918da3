"""Labels of a batch as losses need them. Shapes: ``N`` images, ``K`` classes."""

import torch
from mmpretrain.structures import DataSample
from torch import Tensor


def targets(data_samples: list[DataSample]) -> Tensor:
    """Labels ``(N,)``, or class probabilities ``(N, K)`` after batch augmentation."""
    if 'gt_score' in data_samples[0]:
        return torch.stack([sample.gt_score for sample in data_samples])
    return torch.cat([sample.gt_label for sample in data_samples])


def multi_hot(data_samples: list[DataSample], num_classes: int) -> Tensor:
    """``(N, K)``, 1 where an image has the class."""
    present = torch.zeros(len(data_samples), num_classes)
    for row, sample in zip(present, data_samples):
        row[sample.gt_label.long().cpu()] = 1  # of no label at all, torch thinks float
    return present


def single_labels(data_samples: list[DataSample]) -> Tensor:
    """Labels ``(N,)``, for methods that need to know the one class of an image.

    Raises:
        ValueError: An image has several classes, or none.
    """
    labels = targets(data_samples)
    if labels.shape != (len(data_samples),):
        raise ValueError(
            'Expected one label for each image, but got labels of shape '
            f'{tuple(labels.shape)}; leave `model.train_cfg.augments` out.'
        )
    return labels
