"""Class re-activation mapping: a clustering of each image, started from what classes look like.

Shapes: ``N`` images, ``K`` classes, ``C`` channels, ``M`` maps asked for, ``h, w`` grid.
"""

import torch
from mmpretrain.registry import MODELS
from mmpretrain.structures import DataSample
from torch import Tensor

from mmwsol.models.heads.cam_head import CAMHead
from mmwsol.models.heads.labels import single_labels
from mmwsol.models.layers.context_embeddings import ContextEmbeddings
from mmwsol.structures import Context


@MODELS.register_module()
class CREAMHead(CAMHead):
    """Maps of another head, re-activated.

    After the description of `CREAM: Weakly Supervised Object Localization via Class
    RE-Activation Mapping (CVPR 2022) <https://arxiv.org/abs/2205.13922>`_, whose code for
    this was never published. The maps are CAM's, or another head's: with
    ``class CREAMISCHead(CREAMHead, ISCHead)`` they are that one's. It learns what
    that head learns, by the same losses.

    Args:
        num_classes: ``K``.
        in_channels: ``C`` of the deepest feature.
        foreground_above: delta, as for :class:`ContextEmbeddings`, and so the others.
        momentum: lambda.
        temperature: sigma.
        iterations: How often E and M steps alternate before the last E step.
        **kwargs: As for the other head.
    """

    def __init__(
        self,
        num_classes: int,
        in_channels: int,
        foreground_above: float = 0.2,
        momentum: float = 0.8,
        temperature: float = 1.0,
        iterations: int = 2,
        **kwargs,
    ) -> None:
        super().__init__(num_classes, in_channels, **kwargs)
        self.contexts = ContextEmbeddings(
            num_classes,
            in_channels,
            foreground_above,
            momentum,
            temperature,
            iterations,
        )

    def maps(self, feats: tuple[Tensor, ...], classes: Tensor | None) -> Tensor:
        """Foreground's shares ``(N, M, h, w)`` in [0, 1]."""
        return self.contexts(feats[-1], super().maps(feats, classes), classes)

    def loss(
        self,
        feats: tuple[Tensor, ...],
        data_samples: list[DataSample],
        context: Context,
    ) -> dict[str, Tensor]:
        """The other head's losses; they do not read the embeddings."""
        labels = single_labels(data_samples)
        with torch.no_grad():
            maps = super().maps(feats, labels[:, None])
        self.contexts.update(feats[-1], maps, labels)
        return super().loss(feats, data_samples, context)
