"""Deep descriptor transforming: what the images of a class have in common.

Shapes: ``N`` images, ``K`` classes, ``C`` channels, ``M`` maps asked for, ``h, w`` grid.
"""

import warnings
from typing import Any, NoReturn

import torch
from mmpretrain.registry import MODELS
from mmpretrain.structures import DataSample
from torch import Tensor, nn

from mmwsol.models.heads.cam_head import CAMHead
from mmwsol.models.heads.class_maps import take
from mmwsol.models.heads.moments import Moments

# of the mean variance: chosen for the likelihood of held-out images, docs/records/2026-11-25-ddt.md
SHRINKAGE = 10.0
# of the component's deviation: a border that is no nearer than this tells no sign
CLEAR = 0.1


@MODELS.register_module()
class DDTHead(CAMHead):
    """Deep descriptor transforming, without training.

    `Unsupervised object discovery and co-localization by deep descriptor transforming
    <https://arxiv.org/abs/1707.06397>`_. The features of all places of a class's images
    vary most between object and background, so their first principal component says which
    a place is. The published mask are the places above 0; here the map is
    ``tanh(max(0, sharpness * p))``, p the projection in units of its deviation, which says
    how far above as well. The component points away from the images' border.

    Class scores are those of linear discriminant analysis on the images' mean features.
    Both are found in closed form by :class:`mmwsol.engine.FitLoop`, from one pass.

    Args:
        num_classes: ``K``.
        in_channels: ``C`` of the deepest feature.
        per_class: Whether each class has a component of its own; else one serves all.
        sharpness: How fast the map reaches 1 above its mean.
        **kwargs: As for :class:`CAMHead`.
    """

    fits = True

    def __init__(
        self,
        num_classes: int,
        in_channels: int,
        per_class: bool = True,
        sharpness: float = 1.0,
        **kwargs,
    ) -> None:
        super().__init__(num_classes, in_channels, **kwargs)
        self.per_class = per_class
        self.sharpness = sharpness
        self.component = nn.Conv2d(in_channels, num_classes if per_class else 1, 1)
        self.moments: Moments | None = None

    def logits(self, feats: Any) -> Tensor:
        """Scores ``(N, K)``, up to a number that all of them have in common."""
        with torch.autocast(feats[-1].device.type, enabled=False):
            return super().logits((feats[-1].to(self.classifier.weight),))

    def maps(self, feats: Any, classes: Tensor | None) -> Tensor:
        """Maps ``(N, M, h, w)`` in [0, 1)."""
        feat = feats[-1]
        # far from 0, projections are small differences of large numbers
        with torch.autocast(feat.device.type, enabled=False):
            projection = self.component(feat.to(self.component.weight))
        maps = (self.sharpness * projection).relu().tanh()
        if not self.per_class:
            maps = maps.expand(-1, self.num_classes, -1, -1)
        return take(maps, classes)

    def loss(self, *args, **kwargs) -> NoReturn:
        raise ValueError(
            "Expected `train_cfg.type='FitLoop'` for DDTHead, which has no loss to train by."
        )

    def observe(self, feats: Any, data_samples: list[DataSample]) -> None:
        """Adds a batch to what is known of the features.

        Args:
            feats: As for :meth:`logits`.
            data_samples: With ``gt_label``.
        """
        feat = feats[-1]
        if self.moments is None:
            self.moments = Moments(
                self.num_classes, feat.shape[1], self.per_class, feat.device
            )
        self.moments.add(feat, [sample.gt_label for sample in data_samples])

    def solve(self) -> None:
        """Finds components and classifier from all that was observed.

        Raises:
            ValueError: Nothing was observed, or nothing that differs.
        """
        if self.moments is None:
            raise ValueError('Expected images in `train_dataloader`, but got none.')
        moments, self.moments = self.moments, None
        moments.gather()
        self._solve_components(moments)
        self._solve_classifier(moments)

    def _solve_components(self, moments: Moments) -> None:
        assert self.component.bias is not None  # it always has one
        unclear = []
        for row, places in enumerate(moments.of_places()):
            if not places.number:
                raise ValueError(
                    'Expected images of each class in `train_dataloader`, but got none of '
                    f'class {row}; leave it out, or set `model.head.per_class=False`.'
                )
            variance, direction = principal(places.covariance)
            if not variance > 0:
                raise ValueError(
                    'Expected images that differ from place to place in '
                    f'`train_dataloader`, but those of class {row} are all of one colour.'
                )
            unit = direction / variance.sqrt()
            at_border = (places.border_mean - places.mean) @ unit
            if at_border.abs() < CLEAR:
                unclear.append(row)
            if at_border > 0:
                unit = -unit
            self.component.weight.data[row] = unit[:, None, None]
            self.component.bias.data[row] = -(places.mean @ unit)
        if unclear:
            warnings.warn(
                f'The border of the images looks like their middle in {len(unclear)} of '
                f'{len(self.component.weight)} classes, the first of them {unclear[:5]}: '
                'their maps may show the background. Look at some.',
                stacklevel=2,
            )

    def _solve_classifier(self, moments: Moments) -> None:
        within = moments.covariance_of_images()
        spread = within.diagonal().mean().clamp(min=1e-12)
        within.diagonal().add_(SHRINKAGE * spread)
        means, images = moments.class_means(), moments.images.double()
        if self.multi_label:  # a class against all images
            overall = (means * images[:, None]).sum(0) / images.sum()
            weight = torch.linalg.solve(within, (means - overall).T).T
            bias = -(weight * (means + overall)).sum(1) / 2
            share = (images / images.sum()).clamp(1e-6, 1 - 1e-6)
            bias += share.logit()
        else:
            weight = torch.linalg.solve(within, means.T).T
            bias = -(weight * means).sum(1) / 2 + images.clamp(min=0.5).log()
            # only differences count, and small numbers survive half precision
            weight, bias = weight - weight.mean(0), bias - bias.mean()
        assert self.classifier.bias is not None
        self.classifier.weight.data.copy_(weight[..., None, None])
        self.classifier.bias.data.copy_(bias)


def principal(covariance: Tensor) -> tuple[Tensor, Tensor]:
    """The largest eigenvalue ``()`` and its vector ``(C,)``, whose largest entry is positive."""
    values, vectors = torch.linalg.eigh(covariance)
    vector = vectors[:, -1]
    return values[-1], vector * vector[vector.abs().argmax()].sign()
