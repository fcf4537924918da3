"""What foreground and background of each class look like, and which of them a place is.

Shapes: ``N`` images, ``K`` classes, ``C`` channels, ``M`` maps asked for, ``h, w`` grid;
the components of an image are its foreground, 0, and its background, 1.
"""

import torch
import torch.nn.functional as F
from mmengine.dist import all_reduce
from torch import Tensor, nn

from mmwsol.functional import minmax_normalize


class ContextEmbeddings(nn.Module):
    """A foreground and a background embedding of each class, kept by momentum.

    Args:
        num_classes: ``K``.
        channels: ``C``.
        foreground_above: delta; places whose map, from 0 to 1 in each image, is above it
            are foreground.
        momentum: lambda, the share of an embedding that an update leaves.
        temperature: sigma of the assignments' softmax over two cosines.
        iterations: How often the embeddings are moved to an image's own components.

    Raises:
        ValueError: A constant is out of its range.
    """

    embeddings: Tensor
    """``(K, 2, C)``"""
    seen: Tensor
    """``(K, 2)``, whether an embedding was ever updated."""

    def __init__(
        self,
        num_classes: int,
        channels: int,
        foreground_above: float,
        momentum: float,
        temperature: float,
        iterations: int,
    ) -> None:
        super().__init__()
        for name, value, right, expected in (
            ('momentum', momentum, 0 <= momentum < 1, 'from 0 to below 1'),
            ('temperature', temperature, temperature > 0, 'above 0'),
            ('iterations', iterations, iterations >= 0, '0 or more'),
        ):
            if not right:
                raise ValueError(
                    f'Expected `model.head.{name}` to be {expected}, but got {value}.'
                )
        self.foreground_above = foreground_above
        self.momentum = momentum
        self.temperature = temperature
        self.iterations = iterations
        self.register_buffer('embeddings', torch.zeros(num_classes, 2, channels))
        self.register_buffer('seen', torch.zeros(num_classes, 2, dtype=torch.bool))

    def places(self, feat: Tensor) -> Tensor:
        """``(N, C, h, w)`` -> z, ``(N, h * w, C)`` of length 1.

        What all places of an image have in common tells none of them from another, and
        products with features as long as they come put all places into one component.
        """
        feat = feat.to(self.embeddings).flatten(2).transpose(1, 2)
        return F.normalize(feat - feat.mean(1, keepdim=True), dim=2)

    def components(self, maps: Tensor) -> Tensor:
        """Maps ``(N, M, h, w)`` -> which component a place is, ``(N, M, 2, h * w)``."""
        foreground = minmax_normalize(maps).flatten(2) > self.foreground_above
        return torch.stack([foreground, ~foreground], 2)

    @torch.no_grad()
    def update(self, feat: Tensor, maps: Tensor, labels: Tensor) -> None:
        """Moves the embeddings of a batch's classes towards the batch's.

        All processes move them alike, by the mean over the images of all of them.

        Args:
            feat: ``(N, C, h, w)``.
            maps: Each image's own class's map, ``(N, 1, h, w)``.
            labels: ``(N,)``.
        """
        regions = self.components(maps)[:, 0].to(self.embeddings)
        found = centroids(regions[:, None], self.places(feat))[:, 0].to(regions)
        present = regions.sum(2).clamp(max=1)  # a flat map has no foreground
        total = torch.zeros_like(self.embeddings)
        total.index_add_(0, labels, found * present[..., None])
        count = total.new_zeros(self.seen.shape).index_add_(0, labels, present)
        all_reduce(total, 'sum')
        all_reduce(count, 'sum')
        mean = total / count.clamp(min=1)[..., None]
        moved = self.momentum * self.embeddings + (1 - self.momentum) * mean
        moved = torch.where(
            self.seen[..., None], moved, mean
        )  # the first is taken whole
        self.embeddings.copy_(torch.where(count[..., None] > 0, moved, self.embeddings))
        self.seen |= count > 0

    def forward(self, feat: Tensor, maps: Tensor, classes: Tensor | None) -> Tensor:
        """The share of the foreground in each place.

        Args:
            feat: ``(N, C, h, w)``.
            maps: Those of the classes asked for, ``(N, M, h, w)``.
            classes: ``(N, M)``; None for all.

        Returns:
            ``(N, M, h, w)`` in [0, 1].
        """
        places = self.places(feat)
        own = centroids(self.components(maps).to(places), places)
        kept, seen = self.embeddings, self.seen
        if classes is not None:
            kept, seen = kept[classes], seen[classes]
        # a class that no training image had starts from the image's own components
        embeddings = torch.where(seen[..., None], kept, own.to(kept))
        odds = embeddings.new_ones(())
        for _ in range(self.iterations):
            first = self.assigned(places, embeddings, odds)
            belongs = torch.stack([first, 1 - first], 2)
            embeddings = centroids(belongs, places)
            shares = belongs.mean(3, keepdim=True).clamp(min=1e-6)  # one may die out
            odds = shares[:, :, 0] / shares[:, :, 1]
        first = self.assigned(places, embeddings, odds)
        return calibrated(first, maps.flatten(2)).unflatten(2, maps.shape[2:])

    def assigned(self, places: Tensor, embeddings: Tensor, odds: Tensor) -> Tensor:
        """E step: the first share of ``softmax(V z / sigma + log a)``.

        Args:
            places: z, ``(N, h * w, C)``.
            embeddings: V, ``(N, M, 2, C)``.
            odds: The first a by the second, ``(N, M, 1)`` or one number.

        Returns:
            ``(N, M, h * w)`` in [0, 1].
        """
        # of two, a softmax is a sigmoid; differences of products would lose digits
        towards = (embeddings[:, :, 0] - embeddings[:, :, 1]) / self.temperature
        return (towards @ places.transpose(1, 2) + odds.log()).sigmoid()


def centroids(belongs: Tensor, places: Tensor) -> Tensor:
    """M step: means of the places ``(N, h * w, C)`` of each component ``(N, M, 2, h * w)``.

    ``(N, M, 2, C)``; that of an empty component is 0.
    """
    return belongs @ places[:, None] / belongs.sum(3, keepdim=True).clamp(min=1e-6)


def calibrated(first: Tensor, maps: Tensor) -> Tensor:
    """The component in which a map ``(N, M, h * w)`` is higher on average.

    Args:
        first: The first component's shares, ``(N, M, h * w)``; the second has the rest.
        maps: ``(N, M, h * w)``; it is higher in the first where the two rise together.
    """
    together = (maps - maps.mean(2, keepdim=True)) * first
    return torch.where(together.sum(2, keepdim=True) < 0, 1 - first, first)
