"""Soft fusion and positive-negative sample contrast.

Shapes: ``N`` images, ``K`` classes, ``M`` maps asked for; F1, M1 on the grid ``h1, w1``
and F2, M2, F3 on ``h2, w2``.
"""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from mmpretrain.registry import MODELS
from mmpretrain.structures import DataSample
from torch import Tensor

from mmwsol.models.heads.cam_head import CAMHead, Choice, mean_pooled, single_labels
from mmwsol.models.losses import suppression_loss
from mmwsol.models.utils import frozen
from mmwsol.structures import Activation, Foreground

LEVELS = ('fused', 'shallow', 'deep')
REENTRIES = ('tail', 'last_conv')


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
        opening_weight: Weight of the term that opens the maps, the cross entropy of
            the foreground's scores. Mutual supervision and area alone are smallest for
            empty maps.
        opening_map: The map of these scores: M2 (`'deep'`, they are S_fg then), M1
            (`'shallow'`) or their mean (`'fused'`), which opens both. The contrast's
            map is M2, as printed.
        background_ratio_weight: Weight of BAS's S_bg / S of the true class, another
            term that opens the maps.
        background_map: The map outside of which the background is: M2 (`'deep'`, as
            printed in Eq. 5), M1 (`'shallow'`) or their mean (`'fused'`), with which
            both maps learn from the background.
        reentry: Where the background enters the network again: `'tail'` at the tap,
            through everything after it; `'last_conv'` at F2, through the class
            convolution alone.
        freeze_background: Whether features and weights of the background branch are
            constant, so that its gradient reaches nothing but the map.
        background_share: Share of a batch's images whose background enters the network
            again, the first ones, at least one. The contrast is a mean over images, so a
            part of a shuffled batch estimates it, for as much less work.
        center_background: Whether the scores of an empty image are taken off the
            background's. With few classes the classifier recognises one of them by the
            absence of the others; its background then looks like the class whatever the
            map covers.
        area_ramp: Steps over which the area weights grow from 0 to their full value. Maps
            that start open keep what the contrast needs as the area closes the rest; maps
            that start closed open on the strongest evidence alone.
        select: How many classes' maps `Select` averages in training: 1 is the true
            class's; k is the k classes with the highest scores.
        evaluated_map: The map of a prediction: M1 (`'shallow'`), M2 (`'deep'`) or their
            mean at M1's resolution (`'fused'`).
        **kwargs: As for :class:`CAMHead`.
    """

    MAPS = {
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
        opening_weight: float = 1.0,
        opening_map: str = 'fused',
        background_ratio_weight: float = 0.0,
        background_map: str = 'deep',
        reentry: str = 'tail',
        freeze_background: bool = True,
        background_share: float = 1.0,
        center_background: bool = False,
        area_ramp: int = 0,
        select: int = 1,
        evaluated_map: str = 'fused',
        **kwargs,
    ) -> None:
        super().__init__(num_classes, in_channels, **kwargs)
        for name, value, allowed in (
            ('opening_map', opening_map, LEVELS),
            ('background_map', background_map, LEVELS),
            ('evaluated_map', evaluated_map, LEVELS),
            ('reentry', reentry, REENTRIES),
        ):
            if value not in allowed:
                raise ValueError(
                    f'Expected `model.head.{name}` to be one of {allowed}, but got {value!r}.'
                )
        if not 0 < background_share <= 1:
            raise ValueError(
                'Expected `model.head.background_share` to be above 0 and at most 1, but got '
                f'{background_share!r}.'
            )
        self.loss_fusion = MODELS.build(loss_fusion or dict(type='SoftFusionLoss'))
        self.loss_contrast = MODELS.build(loss_contrast) if loss_contrast else None
        self.opening_weight = opening_weight
        self.opening_map = opening_map
        self.background_ratio_weight = background_ratio_weight
        self.background_map = background_map
        self.reentry = reentry
        self.freeze_background = freeze_background
        self.background_share = background_share
        self.center_background = center_background
        self.area_ramp = area_ramp
        self.select = select
        self.evaluated_map = evaluated_map
        if area_ramp:  # a buffer, so that a resumed run goes on where the ramp was
            self.register_buffer('steps', torch.zeros((), dtype=torch.long))

    def forward(self, feats: Foreground, choose: Choice | None = None) -> Activation:
        """Scores S, and the evaluated map of the classes chosen from them."""
        logits = self.scores(feats.feats[-1])
        classes = None if choose is None else choose(logits)
        shallow, deep = feats.maps
        if self.evaluated_map == 'shallow':
            return Activation(logits, shallow(classes))
        if self.evaluated_map == 'deep':
            return Activation(logits, deep(classes))
        fine = shallow(classes)
        return Activation(logits, blended('fused', fine, deep(classes), like=fine))

    def scores(self, features: Tensor) -> Tensor:
        """The last convolution and global average pooling: F2 -> S ``(N, K)``."""
        return mean_pooled(self.classifier, features)

    def loss(
        self,
        feats: Foreground,
        data_samples: list[DataSample],
        tail: Callable[[Tensor], Tensor] | None = None,
    ) -> dict[str, Tensor]:
        """Eq. 1, Eq. 4, the opening term and the contrast, each under its own key."""
        labels = single_labels(data_samples)
        scores = self.scores(feats.feats[-1])  # S, the mean of F3
        classes = (
            labels[:, None] if self.select == 1 else scores.topk(self.select).indices
        )
        shallow, deep = (maps(classes).mean(1, keepdim=True) for maps in feats.maps)
        # S_fg, the mean of M2 F3, Eq. 7
        foreground = mean_pooled(self.classifier, feats.feats[-1], deep)

        losses = dict(loss_cls=F.cross_entropy(scores, labels))
        losses['loss_fusion'], area = self.loss_fusion(shallow, deep)
        losses['loss_area'] = self.area_scale() * area
        if self.opening_weight:
            opened = foreground
            if self.opening_map != 'deep':
                maps = blended(self.opening_map, shallow, deep, like=deep)
                opened = mean_pooled(self.classifier, feats.feats[-1], maps)
            losses['loss_opening'] = self.opening_weight * F.cross_entropy(
                opened, labels
            )
        if self.loss_contrast is not None or self.background_ratio_weight:
            part = slice(math.ceil(self.background_share * len(labels)))
            features = tuple(level[part] for level in feats.feats)
            maps = shallow[part], deep[part]
            background = self.background_scores(features, maps, tail)
            if self.loss_contrast is not None:
                losses['loss_contrast'] = self.loss_contrast(
                    scores[part], foreground[part], background
                )
            if self.background_ratio_weight:
                ratio = suppression_loss(scores[part], background, labels[part])
                losses['loss_background'] = self.background_ratio_weight * ratio
        return losses

    def area_scale(self) -> float | Tensor:
        """Share of the area weights at this step; counts the step."""
        if not self.area_ramp:
            return 1.0
        self.steps += 1
        return (self.steps / self.area_ramp).clamp(max=1)

    def background_scores(
        self,
        feats: tuple[Tensor, Tensor],
        maps: tuple[Tensor, Tensor],
        tail: Callable[[Tensor], Tensor] | None,
    ) -> Tensor:
        """S_bg of Eqs. 5 and 6: scores of the features outside the map, ``(N, K)``.

        Args:
            feats: F1 and F2.
            maps: M1 ``(N, 1, h1, w1)`` and M2 ``(N, 1, h2, w2)`` in [0, 1].
            tail: The layers between F1 and F2.
        """
        if self.reentry == 'tail' and tail is None:
            raise ValueError(
                "Expected a backbone with a `tail` for `model.head.reentry='tail'`; use a "
                "Tap backbone, or `reentry='last_conv'`."
            )
        freeze = self.freeze_background
        features = feats[0] if self.reentry == 'tail' else feats[1]
        if freeze:
            features = features.detach()
        erased = features * (1 - blended(self.background_map, *maps, like=features))
        if self.center_background:  # one more image, with everything erased
            erased = torch.cat([erased, torch.zeros_like(erased[:1])])
        if self.reentry == 'tail':
            erased = frozen(tail, weights=freeze)(erased)
        scores = frozen(self.scores, weights=freeze)(erased)
        return scores[:-1] - scores[-1:] if self.center_background else scores


def blended(level: str, shallow: Tensor, deep: Tensor, like: Tensor) -> Tensor:
    """M1, M2 or their mean, one of ``LEVELS``, on the grid of another tensor."""
    if level == 'deep':
        return resized(deep, like)
    if level == 'shallow':
        return resized(shallow, like)
    return (resized(shallow, like) + resized(deep, like)) / 2


def resized(maps: Tensor, like: Tensor) -> Tensor:
    """Maps ``(N, M, h, w)``, bilinear, on the grid of another tensor."""
    if maps.shape[2:] == like.shape[2:]:
        return maps
    return F.interpolate(
        maps, size=like.shape[2:], mode='bilinear', align_corners=False
    )
