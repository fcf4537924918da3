"""Soft fusion and positive-negative sample contrast.

Shapes: ``N`` images, ``K`` classes, ``M`` maps asked for; F1, M1 on the grid ``h1, w1``
and F2, M2, F3 on ``h2, w2``.
"""

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from mmpretrain.registry import MODELS
from mmpretrain.structures import DataSample
from torch import Tensor

from mmwsol.functional import to_grid
from mmwsol.models.heads.background import background_scores
from mmwsol.models.heads.cam_head import CAMHead
from mmwsol.models.heads.class_maps import mean_pooled
from mmwsol.models.heads.labels import single_labels
from mmwsol.models.losses import prior_loss, suppression_loss
from mmwsol.structures import Context, Foreground

LEVELS = ('fused', 'shallow', 'deep')


class Opening(NamedTuple):
    """What opens the maps: mutual supervision and area alone are smallest for empty ones.

    The paper prints no such term; see ``docs/pnsc.md``, point 3.
    """

    map: str = 'fused'
    """The map whose foreground is scored: M2 (`'deep'`), M1 (`'shallow'`) or their mean
    (`'fused'`), which opens both."""
    foreground_weight: float = 1.0
    """Weight of the cross entropy of the foreground's scores."""
    background_weight: float = 0.0
    """Weight of BAS's S_bg / S of the true class; 0 leaves it out."""


@MODELS.register_module()
class PNSCHead(CAMHead):
    """The paper's head: classifier, contrast and the choice of map.

    Feature soft fusion and positive-negative sample contrast for weakly supervised
    object localization (Electronic Measurement Technology 2025,
    DOI 10.19651/j.cnki.emt.2517997), section 1.3 and Eqs. 1, 4-8. What the paper leaves
    open is an option here; ``docs/pnsc.md`` says why each default is what it is.

    Args:
        num_classes: ``K``.
        in_channels: Channels of F2.
        loss_fusion: Config of Eq. 4.
        loss_contrast: Config of the contrast; None leaves the background branch out.
        opening: What opens the maps, the fields of :class:`Opening` that differ.
        background_map: The map outside of which the background is: M2 (`'deep'`, as
            printed in Eq. 5), M1 (`'shallow'`) or their mean (`'fused'`), with which
            both maps learn from the background.
        background_share: Share of a batch's images whose background enters the network
            again, the first ones, at least one. The contrast is a mean over images, so a
            part of a shuffled batch estimates it, for as much less work.
        center_background: As `center` of :func:`background_scores`, for few classes.
        area_ramp: Steps over which the area weights grow from 0 to their full value. Maps
            that start open keep what the contrast needs as the area closes the rest; maps
            that start closed open on the strongest evidence alone.
        prior_weight: Weight of what the samples' ``prior_map`` teaches both maps, where a
            :class:`mmwsol.engine.PriorMapHook` gives them one.
        evaluated_map: The map of a prediction: M1 (`'shallow'`), M2 (`'deep'`) or their
            mean at M1's resolution (`'fused'`).
        **kwargs: As for :class:`CAMHead`.
    """

    reads_tail = True
    map_names = {
        'M1': dict(evaluated_map='shallow'),
        'M2': dict(evaluated_map='deep'),
        'fused': dict(evaluated_map='fused'),
    }

    def __init__(
        self,
        num_classes: int,
        in_channels: int,
        loss_fusion: dict | None = None,
        loss_contrast: dict | None = None,
        opening: dict | None = None,
        background_map: str = 'deep',
        background_share: float = 1.0,
        center_background: bool = False,
        area_ramp: int = 0,
        prior_weight: float = 1.0,
        evaluated_map: str = 'fused',
        **kwargs,
    ) -> None:
        super().__init__(num_classes, in_channels, **kwargs)
        self.opening = Opening(**(opening or {}))
        for name, value in (
            ('opening.map', self.opening.map),
            ('background_map', background_map),
            ('evaluated_map', evaluated_map),
        ):
            if value not in LEVELS:
                raise ValueError(
                    f'Expected `model.head.{name}` to be one of {LEVELS}, but got {value!r}.'
                )
        if not 0 < background_share <= 1:
            raise ValueError(
                'Expected `model.head.background_share` to be above 0 and at most 1, but got '
                f'{background_share!r}.'
            )
        self.loss_fusion = MODELS.build(loss_fusion or dict(type='SoftFusionLoss'))
        self.loss_contrast = MODELS.build(loss_contrast) if loss_contrast else None
        self.background_map = background_map
        self.background_share = background_share
        self.center_background = center_background
        self.area_ramp = area_ramp
        self.prior_weight = prior_weight
        self.evaluated_map = evaluated_map
        if area_ramp:  # a buffer, so that a resumed run goes on where the ramp was
            self.register_buffer('steps', torch.zeros((), dtype=torch.long))

    def logits(self, feats: Foreground) -> Tensor:
        """S."""
        return self.scores(feats.features[-1])

    def maps(self, feats: Foreground, classes: Tensor | None) -> Tensor:
        """M1, M2 or their mean, as ``evaluated_map`` says, in [0, 1]."""
        shallow, deep = feats.maps(classes)
        like = deep if self.evaluated_map == 'deep' else shallow
        return level_of(self.evaluated_map, shallow, deep, like)

    def loss(
        self, feats: Foreground, data_samples: list[DataSample], context: Context
    ) -> dict[str, Tensor]:
        """Eq. 1, Eq. 4, what opens the maps and the contrast, each under its own key."""
        labels = single_labels(data_samples)
        f1, f2 = feats.features
        scores = self.scores(f2)  # S
        m1, m2 = feats.maps(labels[:, None])  # Eqs. 2 and 3
        foreground = self.scores(f2, under=m2)  # S_fg, Eq. 7

        losses = dict(loss_cls=F.cross_entropy(scores, labels))  # Eq. 1
        losses['loss_fusion'], area = self.loss_fusion(m1, m2)  # Eq. 4
        losses['loss_area'] = self.area_scale() * area
        if self.opening.foreground_weight:
            opened = foreground  # M2's
            if self.opening.map != 'deep':
                under = level_of(self.opening.map, m1, m2, like=m2)
                opened = self.scores(f2, under)
            evidence = F.cross_entropy(opened, labels)
            losses['loss_opening'] = self.opening.foreground_weight * evidence
        if 'prior_map' in data_samples[0]:
            prior = torch.stack([sample.prior_map for sample in data_samples])
            taught = prior_loss(m1, prior) + prior_loss(m2, prior)
            losses['loss_prior'] = self.prior_weight * taught

        if self.loss_contrast is None and not self.opening.background_weight:
            return losses
        part = slice(math.ceil(self.background_share * len(labels)))
        outside = level_of(self.background_map, m1[part], m2[part], like=f1)
        background = background_scores(  # S_bg, Eqs. 5 and 6
            f1[part], outside, context.tail, self.scores, self.center_background
        )
        if self.loss_contrast is not None:  # Eq. 8
            losses['loss_contrast'] = self.loss_contrast(
                scores[part], foreground[part], background
            )
        if self.opening.background_weight:
            ratio = suppression_loss(scores[part], background, labels[part])
            losses['loss_background'] = self.opening.background_weight * ratio
        return losses

    def scores(self, features: Tensor, under: Tensor | None = None) -> Tensor:
        """The last convolution and a mean over places, of all of them or under a map.

        ``(N, C, h2, w2)`` and ``(N, 1, h2, w2)`` -> ``(N, K)``.
        """
        return mean_pooled(self.classifier, features, under)

    def area_scale(self) -> float | Tensor:
        """Share of the area weights at this step; counts the step."""
        if not self.area_ramp:
            return 1.0
        self.steps += 1
        return (self.steps / self.area_ramp).clamp(max=1)


def level_of(level: str, shallow: Tensor, deep: Tensor, like: Tensor) -> Tensor:
    """M1, M2 or their mean, one of ``LEVELS``, on the grid of another tensor."""
    size = like.shape[2:]
    if level == 'deep':
        return to_grid(deep, size)
    if level == 'shallow':
        return to_grid(shallow, size)
    return (to_grid(shallow, size) + to_grid(deep, size)) / 2
