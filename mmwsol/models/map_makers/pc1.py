"""The first principal component of class-weighted channels.

Shapes: as in :mod:`mmwsol.models.map_makers.map_maker`; ``P`` places, ``h * w``.
"""

import torch
from mmpretrain.registry import MODELS
from torch import Tensor

from mmwsol.models.map_makers.map_maker import MapMaker, Pass


@MODELS.register_module()
class PC1(MapMaker):
    """What the channels, each weighted as Grad-CAM does, have most in common.

    Channels are weighted by the mean of the class score's gradient and not added up: the map
    is the projection of the places on their first principal component, whose sign is that
    of Grad-CAM's sum. A few strong channels then count for less than many that agree.
    Related to `Eigen-CAM (IJCNN 2020) <https://arxiv.org/abs/2008.00299>`_, which does
    without the class's weights.
    """

    def of_classes(self, seen: Pass, classes: Tensor) -> Tensor:
        """The projection ``(N, h, w)``, whose mean is 0."""
        scores = seen.logits.gather(1, classes[:, None])[:, 0]
        weight = seen.gradient(scores).mean((2, 3), keepdim=True)
        channels = (weight * seen.feat.detach()).flatten(2).float()
        channels = channels - channels.mean(2, keepdim=True)
        projection = first_component(channels)
        along = (projection * channels.sum(1)).sum(1, keepdim=True)
        projection = projection.where(along >= 0, -projection)
        return projection.unflatten(1, seen.feat.shape[2:])


def first_component(channels: Tensor) -> Tensor:
    """Projections ``(N, P)`` of places on the direction in which they differ most.

    Args:
        channels: ``(N, C, P)``, the mean over places 0.
    """
    # eigenvectors of the smaller of the two products, which have the same eigenvalues
    if channels.shape[1] < channels.shape[2]:
        direction = torch.linalg.eigh(channels @ channels.mT).eigenvectors[..., -1]
        return (direction[:, None] @ channels)[:, 0]
    values, vectors = torch.linalg.eigh(channels.mT @ channels)
    return vectors[..., -1] * values[..., -1:].clamp(min=0).sqrt()
