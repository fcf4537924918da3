"""Diverse complementary parts.

Shapes: ``N`` images, ``K`` classes, ``C`` channels, ``M`` maps asked for, ``P`` parts,
``h, w`` grid.
"""

from typing import NamedTuple

from mmpretrain.registry import MODELS
from mmpretrain.structures import DataSample
from torch import Tensor, nn

from mmwsol.models.heads.cam_head import CAMHead
from mmwsol.models.heads.class_maps import for_each, pooled
from mmwsol.models.losses import area_loss, overlap_loss, scatter_loss
from mmwsol.structures import Context


class Parts(NamedTuple):
    """What is found of an object's parts."""

    maps: Tensor
    """``(N, P, h, w)`` in [0, 1], at most 1 in sum over the parts."""
    looks: Tensor
    """The same over all places, 1 in sum: ``(N, P, h * w)``."""
    importance: Tensor
    """``(N, P)``, 1 in sum."""


@MODELS.register_module()
class DPMHead(CAMHead):
    """Several parts, and a background: the object is the sum of the parts.

    A reconstruction of *Diverse Complementary Part Mining for Weakly Supervised Object
    Localization* (IEEE Transactions on Image Processing 31, 2022), whose part discovery
    model was never published; ``configs/dpm/README.md`` says what is its authors' and what
    is not.

    Args:
        num_classes: ``K``.
        in_channels: ``C`` of the deepest feature.
        num_parts: ``P``.
        diversity_weight: Weight of what parts have in common.
        compactness_weight: Weight of how far parts are spread.
        area_share: The share of all places that the object covers, on average.
        area_weight: Weight of the difference from it.
        **kwargs: As for :class:`CAMHead`. All classes have the same map.
    """

    def __init__(
        self,
        num_classes: int,
        in_channels: int,
        num_parts: int = 4,
        diversity_weight: float = 1.0,
        compactness_weight: float = 1.0,
        area_share: float = 0.3,
        area_weight: float = 1.0,
        **kwargs,
    ) -> None:
        super().__init__(num_classes, in_channels, **kwargs)
        self.diversity_weight = diversity_weight
        self.compactness_weight = compactness_weight
        self.area_share = area_share
        self.area_weight = area_weight
        self.parts = nn.Conv2d(in_channels, num_parts + 1, kernel_size=1)
        self.importance = nn.Linear(in_channels, 1)

    def logits(self, feats: tuple[Tensor, ...]) -> Tensor:
        """Scores of what the parts look at, each as important as it is."""
        return self.scores(feats[-1], self.found(feats[-1]))

    def maps(self, feats: tuple[Tensor, ...], classes: Tensor | None) -> Tensor:
        """The sum of the parts, in [0, 1]: what is not background."""
        objects = self.part_maps(feats[-1]).sum(1, keepdim=True)
        return for_each(objects, classes, self.num_classes)

    def loss(
        self,
        feats: tuple[Tensor, ...],
        data_samples: list[DataSample],
        context: Context,
    ) -> dict[str, Tensor]:
        """The classification, and what keeps parts apart, together and from being all."""
        feat = feats[-1]
        parts = self.found(feat)
        size = (feat.shape[2], feat.shape[3])
        objects = parts.maps.sum(1, keepdim=True)
        return dict(
            loss_cls=self.classification(self.scores(feat, parts), data_samples),
            loss_diversity=self.diversity_weight * overlap_loss(parts.looks),
            loss_compactness=self.compactness_weight * scatter_loss(parts.looks, size),
            loss_area=self.area_weight * area_loss(objects, self.area_share),
        )

    def part_maps(self, feat: Tensor) -> Tensor:
        """``(N, C, h, w)`` -> which part a place is, ``(N, P, h, w)``; the rest to 1 is none."""
        return self.parts(feat).float().softmax(1)[:, :-1]

    def found(self, feat: Tensor) -> Parts:
        """The parts of ``(N, C, h, w)``."""
        maps = self.part_maps(feat)
        flat = maps.flatten(2)
        looks = flat / flat.sum(2, keepdim=True).clamp(min=1e-6)
        embeddings = looks.to(feat) @ feat.flatten(2).transpose(1, 2)  # (N, P, C)
        importance = self.importance(embeddings)[..., 0].float().softmax(1)
        return Parts(maps, looks, importance)

    def scores(self, feat: Tensor, parts: Parts) -> Tensor:
        """Class scores ``(N, K)``, means over parts by their importance."""
        shares = (parts.looks * parts.importance[..., None]).sum(1)
        return pooled(self.classifier, feat, shares.to(feat))
