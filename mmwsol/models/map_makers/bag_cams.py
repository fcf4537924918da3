"""Bagging regional classification activation maps.

Shapes: as in :mod:`mmwsol.models.map_makers.map_maker`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from mmpretrain.registry import MODELS
from torch import Tensor, nn

from mmwsol.models.map_makers.map_maker import MapMaker, Pass

if TYPE_CHECKING:
    from mmwsol.models.localizer import Localizer

SCORES = ('log_probability', 'log_score')


@MODELS.register_module()
class BagCAMs(MapMaker):
    """Every place's own classifier, derived from the global one, at all places.

    `Bagging Regional Classification Activation Maps for Weakly Supervised Object
    Localization (ECCV 2022) <https://arxiv.org/abs/2207.07818>`_: with the feature X and
    the gradient G of a score to it, ``sum_c relu(G X (mean(G X) + 1))``, the mean over the
    places of a channel. On the way to X the gradient loses what is below 0 at every ReLU.

    Args:
        layer: As for :class:`MapMaker`; the authors evaluate all stages of ResNet.
        score: What G is the gradient of. `'log_probability'`: the class's, which leaves the
            signs of evidence as they are. `'log_score'`: the score before softmax, as in
            the authors' code; the map of a class whose score is below 0 turns inside out.
    """

    def __init__(
        self, layer: str | None = None, score: str = 'log_probability'
    ) -> None:
        super().__init__(layer)
        if score not in SCORES:
            raise ValueError(
                f'Expected `model.map_maker.score` to be one of {SCORES}, but got {score!r}.'
            )
        self.score = score

    def _look(self, model: Localizer, inputs: Tensor, feats: Any) -> Pass:
        with _rectified_gradients(model):
            return super()._look(model, inputs, feats)

    def of_classes(self, seen: Pass, classes: Tensor) -> Tensor:
        """``sum_c relu(G X (mean(G X) + 1))``."""
        gradient = seen.gradient(self._scores(seen, classes))
        evidence = gradient * seen.feat.detach()
        return (evidence * (evidence.mean((2, 3), keepdim=True) + 1)).relu().sum(1)

    def _scores(self, seen: Pass, classes: Tensor) -> Tensor:
        logits = seen.logits.float()
        own = logits.gather(1, classes[:, None])[:, 0]
        if self.score == 'log_score':
            return own / own.detach()  # whose gradient is that of the logarithm
        if seen.model.head.multi_label:
            return F.logsigmoid(own)
        return own - logits.logsumexp(1)


@contextmanager
def _rectified_gradients(model: nn.Module) -> Iterator[None]:
    """Has gradients lose what is below 0 at every ReLU that is passed."""

    def watch(layer: nn.Module, args: tuple, output: Tensor) -> None:
        if output.requires_grad:
            output.register_hook(torch.relu)

    rectifiers = [m for m in model.modules() if isinstance(m, (nn.ReLU, nn.ReLU6))]
    handles = [layer.register_forward_hook(watch) for layer in rectifiers]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
