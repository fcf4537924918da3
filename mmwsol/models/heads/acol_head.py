"""Adversarial complementary learning.

Shapes: ``N`` images, ``C`` channels, ``K`` classes, ``M`` maps asked for, ``h, w`` grid.
"""

import torch
from mmpretrain.registry import MODELS
from mmpretrain.structures import DataSample
from torch import Tensor, nn

from mmwsol.functional import minmax_normalize
from mmwsol.models.heads.cam_head import CAMHead
from mmwsol.models.heads.class_maps import class_maps, class_scores
from mmwsol.models.heads.labels import single_labels
from mmwsol.structures import Context, Twin


@MODELS.register_module()
class ACoLHead(CAMHead):
    """Two classifiers: the second sees what the first does not look at.

    `Adversarial Complementary Learning for Weakly Supervised Object Localization (CVPR 2018)
    <https://arxiv.org/abs/1804.06962>`_. The neck is :class:`TwinConvs`. Scores are the
    first classifier's, the map is the larger of both at each place.

    Args:
        num_classes: ``K``.
        in_channels: ``C`` of what either stack of the neck gives.
        erase_above: Places of the first classifier's map, from 0 to 1, that are at least this
            are hidden from the second.
        **kwargs: As for :class:`CAMHead`.
    """

    reads_branches = True

    def __init__(
        self, num_classes: int, in_channels: int, erase_above: float = 0.7, **kwargs
    ) -> None:
        super().__init__(num_classes, in_channels, **kwargs)
        if not 0 < erase_above <= 1:
            raise ValueError(
                'Expected `model.head.erase_above` to be above 0 and at most 1, but got '
                f'{erase_above!r}.'
            )
        self.erase_above = erase_above
        self.second_classifier = nn.Conv2d(in_channels, num_classes, kernel_size=1)

    def maps(self, feats: Twin, classes: Tensor | None) -> Tensor:
        """The larger of both classifiers' maps, each from 0 to 1.

        The second looks at the image anew for each class, without the first one's evidence
        for it.
        """
        first = minmax_normalize(super().maps(feats, classes))
        if classes is None:
            count, images = self.num_classes, len(first)
            classes = torch.arange(count, device=first.device).expand(images, count)
        second = [
            class_maps(self.second_classifier, self.rest(feats, own), chosen)
            for own, chosen in zip(first.split(1, 1), classes.split(1, 1))
        ]
        return first.maximum(minmax_normalize(torch.cat(second, 1)))

    def loss(
        self, feats: Twin, data_samples: list[DataSample], context: Context
    ) -> dict[str, Tensor]:
        """The classification's of both, the second without the true class's first map."""
        labels = single_labels(data_samples)
        losses = super().loss(feats, data_samples, context)
        with torch.no_grad():
            attention = minmax_normalize(super().maps(feats, labels[:, None]))
        rest = self.rest(feats, attention)
        scores = class_scores(self.second_classifier, rest, self.pool_above)
        return dict(losses, loss_rest=self.classification(scores, data_samples))

    def rest(self, feats: Twin, attention: Tensor) -> Tensor:
        """What the second stack makes of the places below a threshold, ``(N, C, h, w)``.

        Args:
            feats: What the neck gives.
            attention: ``(N, 1, h, w)`` in [0, 1].
        """
        return feats.second(feats.deep * (attention < self.erase_above))
