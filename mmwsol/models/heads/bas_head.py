"""Background activation suppression.

Shapes: ``N`` images, ``K`` classes; tap F and map M on the grid ``h1, w1``, class maps on
``h2, w2``.
"""

from collections.abc import Callable

import torch.nn.functional as F
from mmpretrain.registry import MODELS
from mmpretrain.structures import DataSample
from torch import Tensor

from mmwsol.functional import shrink_maps
from mmwsol.models.heads.cam_head import CAMHead, Choice, mean_pooled, single_labels
from mmwsol.models.utils import frozen
from mmwsol.structures import Activation, Foreground


@MODELS.register_module()
class BASHead(CAMHead):
    """A map that takes the class's evidence out of the background, and is small.

    `Background Activation Suppression for Weakly Supervised Object Localization
    (CVPR 2022) <https://arxiv.org/abs/2112.00580>`_ and its extension `(IJCV 2023)
    <https://arxiv.org/abs/2309.04172>`_. The neck is a :class:`ForegroundGenerator`.

    Args:
        num_classes: ``K``.
        in_channels: ``C`` of the deepest feature.
        loss_suppression: Config of the background's share of the class's score.
        foreground_weight: alpha, weight of the cross entropy of the class maps under M.
        area_weight: beta, weight of the mean of M.
        rectified: Whether class maps end with a ReLU, as in 2022; in 2023 only the scores
            of the suppression do.
        **kwargs: As for :class:`CAMHead`. ``map_classes`` is the papers' top-k.
    """

    def __init__(
        self,
        num_classes: int,
        in_channels: int,
        loss_suppression: dict | None = None,
        foreground_weight: float = 0.5,
        area_weight: float = 1.5,
        rectified: bool = False,
        **kwargs,
    ) -> None:
        super().__init__(num_classes, in_channels, **kwargs)
        self.loss_suppression = MODELS.build(
            loss_suppression or dict(type='SuppressionLoss')
        )
        self.foreground_weight = foreground_weight
        self.area_weight = area_weight
        self.rectified = rectified

    def forward(self, feats: Foreground, choose: Choice | None = None) -> Activation:
        """Scores S, and M of the classes chosen from them."""
        logits = self.scores(feats.feats[-1])
        (generate,) = feats.maps
        return Activation(logits, generate(None if choose is None else choose(logits)))

    def scores(self, deep: Tensor, under: Tensor | None = None) -> Tensor:
        """Means of the class maps, of all of them or under a map ``(N, 1, h2, w2)``.

        ``(N, C, h2, w2)`` -> S or S_fg ``(N, K)``.
        """
        if not self.rectified:
            return mean_pooled(self.classifier, deep, under)
        class_maps = self.classifier(deep).relu()
        return (class_maps if under is None else class_maps * under).mean((2, 3))

    def loss(
        self,
        feats: Foreground,
        data_samples: list[DataSample],
        tail: Callable[[Tensor], Tensor] | None = None,
    ) -> dict[str, Tensor]:
        """``CE(S) + alpha CE(S_fg) + S_bg / S + beta mean(M)``, a key for each term."""
        if tail is None:
            raise ValueError(
                'Expected a backbone with a `tail` for BASHead; use a Tap backbone.'
            )
        labels = single_labels(data_samples)
        tap, deep = feats.feats
        scores = self.scores(deep)
        (generate,) = feats.maps
        maps = generate(labels[:, None])
        # the classifier does not learn from erased features, the map alone does
        erased = frozen(tail)(tap.detach() * (1 - maps))
        background = frozen(self.scores)(erased)
        losses = dict(
            loss_cls=F.cross_entropy(scores, labels),
            loss_suppression=self.loss_suppression(scores, background, labels),
            loss_area=self.area_weight * maps.mean(),
        )
        if self.foreground_weight:
            under = shrink_maps(maps, deep.shape[2:])
            foreground = self.scores(deep, under)
            losses['loss_foreground'] = self.foreground_weight * F.cross_entropy(
                foreground, labels
            )
        return losses
