"""What ways of making maps of a trained model have in common.

Shapes: ``N`` images, ``K`` classes, ``M`` maps asked for, ``C`` channels and grid ``h, w`` of
the layer that is looked at.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor, nn

from mmwsol.models.plugins import unknown_layer
from mmwsol.structures import Foreground

if TYPE_CHECKING:  # which imports this
    from mmwsol.models.localizer import Localizer

KEY = 'model.map_maker.layer'


class Pass(NamedTuple):
    """A forward pass of which a layer's output and the scores are kept."""

    model: Localizer
    inputs: Tensor
    """``(N, 3, H, W)``, normalized."""
    feat: Tensor
    """``(N, C, h, w)``, the layer's output, from which the graph starts."""
    logits: Tensor
    """``(N, K)``."""
    layer: str | None
    """The layer's name; None for what the head reads."""

    def gradient(self, scores: Tensor) -> Tensor:
        """``(N, C, h, w)``, of a score of each image, ``(N,)``, to the image's feature."""
        found = None
        if scores.requires_grad:
            # images do not mix in evaluation: one pass gives each image its own gradient
            (found,) = torch.autograd.grad(
                scores.sum(), self.feat, retain_graph=True, allow_unused=True
            )
        if found is None:
            raise ValueError(
                f'Expected a layer that class scores depend on (`{KEY}`), but got '
                f'{self.layer or "the last feature"!r}.'
            )
        return found


class MapMaker(ABC):
    """Makes the maps of a trained model in place of its head, from its class scores.

    Whose maps, and what becomes of them, is as for the head's own. Nothing is learned, and a
    checkpoint fits the model with and without it.

    Args:
        layer: The layer whose output is looked at, as named in the model, such as
            ``'backbone.layer3'``; by default the last feature, which the head's class
            convolution reads.
    """

    export_problem = (
        'makes maps by more than one forward pass; leave `model.map_maker` out.'
    )
    """Why a model with it cannot be exported."""

    def __init__(self, layer: str | None = None) -> None:
        self.layer = layer

    @abstractmethod
    def of_classes(self, seen: Pass, classes: Tensor) -> Tensor:
        """One map for each image, ``(N, h, w)``, not normalized.

        Args:
            seen: The model's pass.
            classes: ``(N,)``, the class of each image whose map is asked for.
        """

    def check(self, model: Localizer) -> None:
        """Refuses a model that it makes no maps of.

        Args:
            model: The model.

        Raises:
            ValueError: It has no such layer, or shows more than one class.
        """
        if model.head.map_classes != 'gt':
            raise ValueError(
                "Expected `model.head.map_classes='gt'` with `model.map_maker`, whose maps are "
                f'of one class each, but got {model.head.map_classes!r}.'
            )
        layers = [name for name, _ in model.named_modules() if name]
        if self.layer is not None and self.layer not in layers:
            raise ValueError(unknown_layer(self.layer, layers, KEY))

    def maps(
        self, model: Localizer, inputs: Tensor, feats: Any, classes: Tensor
    ) -> Tensor:
        """Maps ``(N, M, h, w)``, not normalized.

        Args:
            model: The model.
            inputs: ``(N, 3, H, W)``, normalized.
            feats: What the head reads of them.
            classes: ``(N, M)``, whose maps are asked for.
        """
        # evaluation runs without gradients, which most makers need
        with torch.inference_mode(False), torch.enable_grad():
            seen = self._look(model, inputs, feats)
            maps = seen.feat.new_empty(*classes.shape, *seen.feat.shape[2:])
            # made in inference mode, classes have no place in a graph
            for m, own in enumerate(classes.clone().unbind(1)):
                maps[:, m] = self.of_classes(seen, own).detach()
        return maps

    def _look(self, model: Localizer, inputs: Tensor, feats: Any) -> Pass:
        if self.layer is None:
            feats, feat = _with_leaf(feats)
            return Pass(model, inputs, feat, model.head.logits(feats), None)
        leaves = []

        def start(layer: nn.Module, args: tuple, output: Any) -> Tensor:
            if not isinstance(output, Tensor) or output.dim() != 4:
                raise ValueError(
                    f'Expected a layer whose output is one map for each channel (`{KEY}`), '
                    f'but got {self.layer!r}.'
                )
            torch.set_grad_enabled(True)
            leaves.append(output.detach().requires_grad_())
            return leaves[-1].clone()  # the next layer may write into it

        handle = model.get_submodule(self.layer).register_forward_hook(start)
        try:
            with torch.no_grad():  # up to the layer, which needs no graph before it
                images = inputs.clone()
                logits = model.head.logits(model.extract_feat(images))
        finally:
            handle.remove()
        if len(leaves) != 1:
            raise ValueError(
                f'Expected a layer that is passed once on the way to the scores (`{KEY}`), but '
                f'{self.layer!r} is passed {len(leaves)} times.'
            )
        return Pass(model, images, leaves[0], logits, self.layer)


def _with_leaf(feats: Any) -> tuple[Any, Tensor]:
    """Features whose last one a graph starts from, and that one."""
    own = feats.features if isinstance(feats, Foreground) else feats
    leaf = own[-1].detach().clone().requires_grad_()
    whole = (*own[:-1], leaf)
    if isinstance(feats, Foreground):
        return feats._replace(features=whole), leaf
    return whole, leaf
