"""Class maps and their scores, without making more maps than are asked for.

Shapes: ``N`` images, ``C`` channels, ``K`` classes, ``M`` maps asked for, ``h, w`` grid.
"""

import torch.nn.functional as F
from torch import Tensor, nn


def take(maps: Tensor, classes: Tensor | None) -> Tensor:
    """``(N, K, h, w)`` and ``(N, M)`` indices, or None for all -> ``(N, M, h, w)``."""
    if classes is None:
        return maps
    return maps.gather(1, classes[..., None, None].expand(-1, -1, *maps.shape[2:]))


def class_maps(
    classifier: nn.Conv2d,
    feat: Tensor,
    classes: Tensor | None,
    positive: bool = False,
) -> Tensor:
    """Maps ``(N, M, h, w)`` of classes.

    Args:
        classifier: The class convolution.
        feat: ``(N, C, h, w)``.
        classes: ``(N, M)``, or None for all.
        positive: Whether negative weights count as 0.
    """
    if positive:
        weight = classifier.weight.clamp(min=0)
        return take(F.conv2d(feat, weight, classifier.bias), classes)
    return take(classifier(feat), classes)


def class_scores(
    classifier: nn.Conv2d, feat: Tensor, above: float | None = None
) -> Tensor:
    """Scores ``(N, K)``: means of the class maps.

    Args:
        classifier: The class convolution.
        feat: ``(N, C, h, w)``.
        above: The share of a channel's maximum in the image that a place needs to be among
            those that the channel is averaged over; None for all places.
    """
    if above is None:
        return classifier(feat).mean((2, 3))
    kept = feat > above * feat.amax((2, 3), keepdim=True)
    count = kept.sum((2, 3)).clamp(min=1)
    vector = (feat * kept).sum((2, 3)) / count
    return F.linear(vector, classifier.weight.flatten(1), classifier.bias)


def pooled(classifier: nn.Conv2d, feat: Tensor, share: Tensor) -> Tensor:
    """Sums of class maps over places, weighted: ``(N, K)``.

    A 1 x 1 convolution and a sum commute: the maps, most of a head's operations, are
    not made.

    Args:
        classifier: The class convolution.
        feat: ``(N, C, h, w)``.
        share: Weights of the places, ``(N, h * w)``; the bias counts as often as their sum.
    """
    # in this order a product is four times faster than `einsum`, for either memory format
    vector = (share[:, None] @ feat.flatten(2).transpose(1, 2))[:, 0]
    scores = F.linear(vector, classifier.weight.flatten(1))
    assert classifier.bias is not None  # it always has one
    return scores + classifier.bias * share.sum(1, keepdim=True)


def mean_pooled(
    classifier: nn.Conv2d, feat: Tensor, under: Tensor | None = None
) -> Tensor:
    """Means of class maps ``(N, K)``, of all of them or under a map ``(N, 1, h, w)``."""
    if under is None:
        under = feat.new_ones(feat.shape[0], 1, *feat.shape[2:])
    places = under.flatten(1)
    return pooled(classifier, feat, places / places.shape[1])


def for_each(maps: Tensor, classes: Tensor | None, num_classes: int) -> Tensor:
    """A map that knows no class, ``(N, 1, h, w)``, as that of each class asked for.

    Args:
        maps: The maps.
        classes: ``(N, M)`` indices, or None for all.
        num_classes: ``K``.

    Returns:
        ``(N, M, h, w)``, without copies.
    """
    count = num_classes if classes is None else classes.shape[1]
    return maps.expand(-1, count, -1, -1)
