"""Foreground and background, each judged by an object and a background classifier.

Shapes: ``N`` images, ``K`` classes.
"""

from typing import NamedTuple

import torch.nn.functional as F
from mmpretrain.registry import MODELS
from torch import Tensor, nn


class StaggerScores(NamedTuple):
    """Scores ``(N, K)`` of two classifiers for two features of an image."""

    object_foreground: Tensor
    """s_ff: the object classifier's of the foreground."""
    background_foreground: Tensor
    """s_fb: the background classifier's of the foreground."""
    background_background: Tensor
    """s_bb: the background classifier's of the background."""
    object_background: Tensor
    """s_bf: the object classifier's of the background."""


@MODELS.register_module()
class StaggerLoss(nn.Module):
    """What the two classifiers of B-CAM must not say, besides what they must.

    `Background-aware Classification Activation Map for Weakly Supervised Object
    Localization <https://arxiv.org/abs/2112.14379>`_. With M the multi-label soft margin
    and y one or several classes:
    ``r_fb M(s_fb, 1 - y) + r_bf M(s_bb, 1) + r_bb M(s_bf, 0)``. The first term of the
    paper's loss, r_ff = 1 times the classification loss of s_ff, is the head's.

    Args:
        foreground_weight: r_fb; the foreground is the background of all classes but y.
        background_weight: r_bf; the background is the background of every class.
        object_weight: r_bb; the background is no object.
    """

    def __init__(
        self,
        foreground_weight: float = 1.0,
        background_weight: float = 1.0,
        object_weight: float = 1.0,
    ) -> None:
        super().__init__()
        self.weights = (foreground_weight, background_weight, object_weight)

    def forward(self, scores: StaggerScores, present: Tensor) -> dict[str, Tensor]:
        """The three terms by name.

        Args:
            scores: Of both classifiers for both features.
            present: y, ``(N, K)``, 1 where an image has the class.

        >>> import torch
        >>> zero = torch.zeros(1, 2)
        >>> terms = StaggerLoss(1, 2, 3)(StaggerScores(zero, zero, zero, zero), zero)
        >>> [f'{float(term):.4f}' for term in terms.values()]  # ln 2, 2 ln 2, 3 ln 2
        ['0.6931', '1.3863', '2.0794']
        """
        terms = dict(
            loss_background_foreground=(scores.background_foreground, 1 - present),
            loss_background_background=(
                scores.background_background,
                present.new_ones(present.shape),
            ),
            loss_object_background=(
                scores.object_background,
                present.new_zeros(present.shape),
            ),
        )
        return {
            name: weight * F.multilabel_soft_margin_loss(logits, target)
            for weight, (name, (logits, target)) in zip(self.weights, terms.items())
        }
