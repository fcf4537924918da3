"""What travels between backbone, neck, head and evaluator.

Shapes: ``N`` images, ``K`` classes, ``M`` maps kept per image, ``h, w`` feature grid,
``H, W`` network input.

Fields of a :class:`mmpretrain.structures.DataSample` that mmwsol reads or writes:

==================== ============================ ====================================
field                shape, unit                  written by
==================== ============================ ====================================
``gt_label``         ``(G,)``                     data set
``gt_bboxes``        ``(B, 4)`` xyxy, input px    data set, in evaluation only
``gt_bboxes_labels`` ``(B,)`` classes of them     the same, where images can have several
``gt_seg_map``       ``(H, W)`` uint8             the same: g on the g-th of ``gt_label``,
                                                  from 1; else 0; 255 does not count
``pred_score``       ``(K,)`` in [0, 1]           head
``pred_label``       ``(1,)``                     head
``pred_map``         ``(M, H, W)`` in [0, 1]      ``CAMHead.predict`` on the feature grid,
                                                  then ``Localizer.predict`` at input
                                                  size; M is G, or 1 for every class
==================== ============================ ====================================
"""

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor

MapFunction = Callable[[Tensor | None], Tensor]
"""``classes (N, M) -> (N, M, h, w) in [0, 1]``; ``None`` asks for every class."""


class Activation(NamedTuple):
    """What a head makes of features."""

    logits: Tensor
    """``(N, K)``"""
    maps: Tensor
    """``(N, M, h, w)``, unnormalised."""


class Attended(NamedTuple):
    """What an attention layer inside the backbone makes of a feature."""

    feat: Tensor
    """``(N, C, h, w)``, what the next layer reads."""
    attention: Tensor
    """``(N, 1, h, w)`` in [0, 1]."""
    embeddings: Tensor
    """``(N, 3, D)``: of the foreground, of its less discriminative rest, of the
    background."""


class Foreground(NamedTuple):
    """What a neck makes of features: features, and maps computed when asked for."""

    feats: tuple[Tensor, ...]
    """From shallow to deep, each ``(N, C, h, w)``."""
    maps: tuple[MapFunction, ...]
    """One function for each level that has a generator, from shallow to deep."""
