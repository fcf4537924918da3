"""Background activation suppression.

Shapes: ``N`` images, ``K`` classes; tap F and map M on the grid ``h1, w1``, class maps on
``h2, w2``.
"""

import torch.nn.functional as F
from mmpretrain.registry import MODELS
from mmpretrain.structures import DataSample
from torch import Tensor

from mmwsol.functional import to_grid
from mmwsol.models.heads.background import background_scores
from mmwsol.models.heads.cam_head import CAMHead
from mmwsol.models.heads.class_maps import mean_pooled
from mmwsol.models.heads.labels import single_labels
from mmwsol.structures import Context, Foreground


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

    reads_tail = True
    reads_weights_by = ('multi_label', 'rectified')

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

    def logits(self, feats: Foreground) -> Tensor:
        """S."""
        return self.scores(feats.features[-1])

    def maps(self, feats: Foreground, classes: Tensor | None) -> Tensor:
        """M, in [0, 1]."""
        (maps,) = feats.maps(classes)
        return maps

    def loss(
        self, feats: Foreground, data_samples: list[DataSample], context: Context
    ) -> dict[str, Tensor]:
        """``CE(S) + alpha CE(S_fg) + S_bg / S + beta mean(M)``, a key for each term."""
        labels = single_labels(data_samples)
        tap, deep = feats.features
        scores = self.scores(deep)
        (maps,) = feats.maps(labels[:, None])
        background = background_scores(tap, maps, context.tail, self.scores)
        losses = dict(
            loss_cls=F.cross_entropy(scores, labels),
            loss_suppression=self.loss_suppression(scores, background, labels),
            loss_area=self.area_weight * maps.mean(),
        )
        if self.foreground_weight:
            foreground = self.scores(deep, under=to_grid(maps, deep.shape[2:]))
            losses['loss_foreground'] = self.foreground_weight * F.cross_entropy(
                foreground, labels
            )
        return losses

    def scores(self, deep: Tensor, under: Tensor | None = None) -> Tensor:
        """Means of the class maps, of all of them or under a map ``(N, 1, h2, w2)``.

        ``(N, C, h2, w2)`` -> S or S_fg ``(N, K)``.
        """
        if not self.rectified:
            return mean_pooled(self.classifier, deep, under)
        class_maps = self.classifier(deep).relu()
        return (class_maps if under is None else class_maps * under).mean((2, 3))
