"""What travels between backbone, neck, head and evaluator.

Shapes: ``N`` images, ``K`` classes, ``M`` maps kept per image, ``h, w`` feature grid,
``H, W`` network input.

Fields of a :class:`mmpretrain.structures.DataSample` that mmwsol reads or writes:

==================== ============================ ====================================
field                shape, unit                  written by
==================== ============================ ====================================
``gt_label``         ``(G,)``                     data set
``gt_bboxes``        ``(B, 4)`` xyxy, input px    data set, in evaluation only; in
                                                  training the pseudo box, ``(1, 4)``, by
                                                  ``LoadPseudoBox``, and no true one
``gt_bboxes_labels`` ``(B,)`` classes of them     the same, where images can have several
``gt_seg_map``       ``(H, W)`` uint8             the same: g on the g-th of ``gt_label``,
                                                  from 1; else 0; 255 does not count
``pred_score``       ``(K,)`` in [0, 1]           head
``pred_label``       ``(1,)``                     head
``pred_familiarity`` ``()`` in [0, 1]             ``Localizer.predict``, if it can
``pred_map``         ``(M, H, W)`` in [0, 1]      ``CAMHead.predict`` on the feature grid,
                                                  then ``Localizer.predict`` at input
                                                  size; M is G, or 1 for every class
``pred_activity``    ``(h, w)``, at least 0       ``Localizer.predict``, beside a map: of
                                                  the features that the classifier reads
``pred_bboxes``      ``(1, 4)`` xyxy, input px    in place of ``pred_map``, where the
                                                  head ``predicts_box``: as shares of
                                                  the input by ``CAMHead.predict``, then
                                                  in pixels by ``Localizer.predict``
==================== ============================ ====================================

A prediction has a map or a box of its own, never both. Of a map, evaluators and tools make
boxes; of a box they judge and draw what can be without a map, or say in a sentence that they
need one.
"""

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor, nn


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
    """What a neck with map generators makes of features."""

    features: tuple[Tensor, ...]
    """From shallow to deep, each ``(N, C, h, w)``."""
    generators: tuple[nn.Module, ...]
    """One for each of the first features: ``(feature, classes) -> maps``."""

    def maps(self, classes: Tensor | None) -> tuple[Tensor, ...]:
        """Each generator's maps ``(N, M, h, w)`` in [0, 1].

        Args:
            classes: ``(N, M)``, whose maps are asked for; None for every class's.
        """
        pairs = zip(self.generators, self.features)
        return tuple(generator(feature, classes) for generator, feature in pairs)


class Twin(NamedTuple):
    """What a neck with two equal stacks of convolutions makes of features."""

    deep: Tensor
    """``(N, C, h, w)``, what both stacks read."""
    second: Callable[[Tensor], Tensor]
    """The second stack, for what a head leaves of ``deep``."""
    refined: Tensor
    """``(N, C', h, w)``, what the first stack makes of ``deep``; last, where heads expect the
    deepest of features."""


def no_tail(tap: Tensor) -> Tensor:
    """What is left of a tail where the backbone has no tap."""
    raise TypeError('Expected a `model.backbone` with a `tail`, such as TapResNet.')


class Context(NamedTuple):
    """What a head's loss can use besides features and labels."""

    tail: Callable[[Tensor], Tensor] = no_tail
    """The layers between the tap and the class convolution."""
    attended: tuple[Attended, ...] = ()
    """What the attention layers made of the batch, in the order of the network."""
    input_size: tuple[int, int] = (1, 1)
    """Height and width of the images, in pixels."""
    levels: tuple[Tensor, ...] = ()
    """Outputs ``(N, C, h, w)`` of the layers that the head ``reads_layers`` of."""
