"""Sums over the features of any number of images.

Shapes: ``N`` images, ``K`` classes, ``C`` channels, ``h, w`` grid.
"""

from typing import NamedTuple

import torch
from mmengine.dist import all_reduce
from torch import Tensor


class Places(NamedTuple):
    """How the features of places are distributed."""

    number: Tensor
    """``()``, places that were seen."""
    mean: Tensor
    """``(C,)``"""
    covariance: Tensor
    """``(C, C)``"""
    border_mean: Tensor
    """``(C,)``, of the places at the border of their image."""


class Moments:
    """What means and covariances of features need, added up batch by batch.

    Takes ``4 * K * C ** 2`` bytes, or ``4 * C ** 2``, however many images there are.

    Args:
        num_classes: ``K``.
        channels: ``C``.
        per_class: Whether the covariance of each class is wanted; else that of all.
        device: Where the features are.
    """

    def __init__(
        self, num_classes: int, channels: int, per_class: bool, device: torch.device
    ) -> None:
        def zeros(*shape: int) -> Tensor:
            return torch.zeros(shape, device=device)

        self.images = zeros(num_classes)
        self.places = zeros(num_classes)
        self.total = zeros(num_classes, channels)
        self.border_places = zeros(num_classes)
        self.border_total = zeros(num_classes, channels)
        self.products = zeros(num_classes if per_class else 1, channels, channels)
        self.pooled_products = zeros(channels, channels)

    def add(self, feat: Tensor, labels: list[Tensor]) -> None:
        """Adds a batch.

        Args:
            feat: ``(N, C, h, w)``.
            labels: The classes of each image; it counts for each of them.
        """
        feat = feat.float()
        border = feat.new_zeros(feat.shape[2:], dtype=torch.bool)
        border[0] = border[-1] = border[:, 0] = border[:, -1] = True
        for image, own in zip(feat.flatten(2), labels):
            at_border = image[:, border.flatten()]
            products, pooled = image @ image.T, image.mean(1)
            for label in own.tolist():
                self.images[label] += 1
                self.places[label] += image.shape[1]
                self.total[label] += image.sum(1)
                self.border_places[label] += at_border.shape[1]
                self.border_total[label] += at_border.sum(1)
                self.products[label if len(self.products) > 1 else 0] += products
                self.pooled_products += torch.outer(pooled, pooled)

    def gather(self) -> None:
        """Adds up what several processes have seen."""
        for sums in vars(self).values():
            all_reduce(sums, 'sum')

    def of_places(self) -> list[Places]:
        """The distribution in each class, or the one over all of them."""
        rows = range(len(self.products))
        if len(rows) == 1:
            return [self._places(slice(None), 0)]
        return [self._places(slice(row, row + 1), row) for row in rows]

    def _places(self, classes: slice, row: int) -> Places:
        count = self.places[classes].sum()
        some = count.clamp(min=1)
        mean = (self.total[classes].sum(0) / some).double()
        covariance = self.products[row].double() / some - torch.outer(mean, mean)
        border = self.border_total[classes].sum(0)
        some = self.border_places[classes].sum().clamp(min=1)
        return Places(count, mean, covariance, (border / some).double())

    def class_means(self) -> Tensor:
        """``(K, C)`` means of the images of each class; 0 of a class without images."""
        return (self.total / self.places.clamp(min=1)[:, None]).double()

    def covariance_of_images(self) -> Tensor:
        """``(C, C)`` of images' means around the mean of their own class."""
        means = self.class_means()
        within = self.pooled_products.double() - (means.T * self.images) @ means
        return within / self.images.sum().clamp(min=1)
