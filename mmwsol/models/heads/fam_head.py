"""Foreground activation maps.

Shapes: ``N`` images, ``K`` classes, ``C`` channels, ``M`` maps asked for, ``P`` parts,
``h, w`` grid.
"""

import torch.nn.functional as F
from mmpretrain.registry import MODELS
from mmpretrain.structures import DataSample
from torch import Tensor, nn

from mmwsol.models.heads.cam_head import CAMHead
from mmwsol.models.heads.class_maps import for_each, mean_pooled, pooled
from mmwsol.models.layers.foreground_memory import ForegroundMemory
from mmwsol.models.losses import area_loss, overlap_loss
from mmwsol.structures import Context


@MODELS.register_module()
class FAMHead(CAMHead):
    """A foreground map that knows no class, and parts inside it that tell the class.

    A reconstruction of `Foreground Activation Maps for Weakly Supervised Object
    Localization (ICCV 2021) <https://openaccess.thecvf.com/content/ICCV2021>`_, whose code
    was never published; ``configs/fam/README.md`` says what is its authors' and what is not.

    Args:
        num_classes: ``K``.
        in_channels: ``C`` of the deepest feature.
        memory_slots: Kinds of foreground that the memory holds.
        num_parts: ``P``.
        foreground_weight: Weight of the cross entropy of the features under the map.
        area_share: The share of all places that the map covers, on average.
        area_weight: Weight of the difference from it.
        overlap_weight: Weight of what parts have in common.
        **kwargs: As for :class:`CAMHead`. All classes have the same map.
    """

    def __init__(
        self,
        num_classes: int,
        in_channels: int,
        memory_slots: int = 16,
        num_parts: int = 4,
        foreground_weight: float = 1.0,
        area_share: float = 0.3,
        area_weight: float = 1.0,
        overlap_weight: float = 1.0,
        **kwargs,
    ) -> None:
        super().__init__(num_classes, in_channels, **kwargs)
        self.foreground_weight = foreground_weight
        self.area_share = area_share
        self.area_weight = area_weight
        self.overlap_weight = overlap_weight
        self.memory = ForegroundMemory(in_channels, memory_slots)
        self.parts = nn.Conv2d(in_channels, num_parts, kernel_size=1)

    def logits(self, feats: tuple[Tensor, ...]) -> Tensor:
        """Scores of what the parts look at."""
        return self.scores(feats[-1], self.attention(feats[-1], self.memory(feats[-1])))

    def maps(self, feats: tuple[Tensor, ...], classes: Tensor | None) -> Tensor:
        """The foreground map, in [0, 1]."""
        return for_each(self.memory(feats[-1]).sigmoid(), classes, self.num_classes)

    def loss(
        self,
        feats: tuple[Tensor, ...],
        data_samples: list[DataSample],
        context: Context,
    ) -> dict[str, Tensor]:
        """The classification by parts, and what opens, closes and divides the map."""
        feat = feats[-1]
        foreground = self.memory(feat)
        parts = self.attention(feat, foreground)
        maps = foreground.sigmoid()
        under = mean_pooled(self.classifier, feat, maps.to(feat))
        return dict(
            loss_cls=self.classification(self.scores(feat, parts), data_samples),
            loss_foreground=self.foreground_weight
            * self.classification(under, data_samples),
            loss_area=self.area_weight * area_loss(maps, self.area_share),
            loss_overlap=self.overlap_weight * overlap_loss(parts),
        )

    def attention(self, feat: Tensor, foreground: Tensor) -> Tensor:
        """Where each part looks: ``softmax(parts + log A)`` over places.

        Args:
            feat: ``(N, C, h, w)``.
            foreground: A before its sigmoid, ``(N, 1, h, w)``.

        Returns:
            ``(N, P, h * w)``, 1 in sum over the places.
        """
        likes = self.parts(feat).float() + F.logsigmoid(foreground)
        return likes.flatten(2).softmax(2)

    def scores(self, feat: Tensor, parts: Tensor) -> Tensor:
        """Means over parts of the class scores ``(N, K)`` of what each looks at."""
        return pooled(self.classifier, feat, parts.mean(1).to(feat))
