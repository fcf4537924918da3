"""Background-aware class activation maps.

Shapes: ``N`` images, ``C`` channels, ``K`` classes, ``M`` maps asked for, ``h, w`` grid.
"""

import torch
import torch.nn.functional as F
from mmpretrain.registry import MODELS
from mmpretrain.structures import DataSample
from torch import Tensor, nn

from mmwsol.functional import minmax_normalize
from mmwsol.models.heads.cam_head import CAMHead
from mmwsol.models.heads.class_maps import pooled
from mmwsol.models.heads.labels import multi_hot
from mmwsol.models.losses import StaggerScores
from mmwsol.structures import Context

# how a map is made of a feature F and its gradient G, with w the mean of G over places
MAP_RULES = {
    'gradient': lambda feat, gradient, weight: gradient * weight,
    'positive_gradient': lambda feat, gradient, weight: gradient * weight.relu(),
    'feature': lambda feat, gradient, weight: feat * weight,
}
MAP_SCORES = ('contrast', 'object')
OUTPUTS = ('probability', 'mask')


@MODELS.register_module()
class BCAMHead(CAMHead):
    """Two aggregators of places, two classifiers, and a map from their gradient.

    `Background-aware Classification Activation Map for Weakly Supervised Object
    Localization <https://arxiv.org/abs/2112.14379>`_. An aggregator is a 1 x 1 convolution
    to ``num_heads`` channels; the softmax of each over all places weights the feature's
    places, averaged over channels. Aggregators start at zero, that is as global average
    pooling; so all channels of one receive the same gradient and stay equal.

    Args:
        num_classes: ``K``.
        in_channels: ``C``.
        num_heads: Channels of an aggregator; 100 in the paper, 20 on VOC.
        loss_stagger: Config of the three terms besides the classification loss.
        map_score: What is differentiated for the map: `'contrast'`, s_ff - s_fb, as on
            CUB and ILSVRC, or `'object'`, s_ff, as on OpenImages.
        map_rule: What the gradient G, with mean w, makes of it: `'gradient'`, the sum of
            G w over channels, as on CUB; `'positive_gradient'`, of G relu(w), as on ILSVRC;
            `'feature'`, of F w, as on OpenImages.
        output: `'probability'`: the foreground's map. `'mask'`: 1 where it exceeds the map
            of the background, s_bb - s_bf, each between its least and its greatest value,
            and 0 elsewhere; no threshold is left to choose.
        mask_scale: How many input pixels a place is wide; masks are made at that size.
        **kwargs: As for :class:`CAMHead`.
    """

    export_problem = (
        'makes its map of a gradient, which a graph of forward operations has no way to '
        'compute; use `tools/test.py`, or export another method.'
    )

    def __init__(
        self,
        num_classes: int,
        in_channels: int,
        num_heads: int = 100,
        loss_stagger: dict | None = None,
        map_score: str = 'contrast',
        map_rule: str = 'gradient',
        output: str = 'probability',
        mask_scale: int = 16,
        **kwargs,
    ) -> None:
        super().__init__(num_classes, in_channels, **kwargs)
        for name, value, allowed in (
            ('map_score', map_score, MAP_SCORES),
            ('map_rule', map_rule, tuple(MAP_RULES)),
            ('output', output, OUTPUTS),
        ):
            if value not in allowed:
                raise ValueError(
                    f'Expected `model.head.{name}` to be one of {allowed}, but got {value!r}.'
                )
        self.foreground_aggregator = nn.Conv2d(in_channels, num_heads, kernel_size=1)
        self.background_aggregator = nn.Conv2d(in_channels, num_heads, kernel_size=1)
        self.background_classifier = nn.Conv2d(in_channels, num_classes, kernel_size=1)
        self.loss_stagger = MODELS.build(loss_stagger or dict(type='StaggerLoss'))
        self.map_score = map_score
        self.map_rule = map_rule
        self.output = output
        self.mask_scale = mask_scale
        self._start_as_average_pooling()

    def init_weights(self) -> None:
        super().init_weights()
        self._start_as_average_pooling()

    def logits(self, feats: tuple[Tensor, ...]) -> Tensor:
        """s_ff."""
        return self.scores(feats[-1]).object_foreground

    def maps(self, feats: tuple[Tensor, ...], classes: Tensor | None) -> Tensor:
        """Maps by a backward pass for each class asked for."""
        # evaluation runs without gradients; the head alone needs them
        with torch.inference_mode(False), torch.enable_grad():
            feat = feats[-1].detach().clone().requires_grad_()
            if classes is None:
                classes = torch.arange(self.num_classes, device=feat.device)
                classes = classes.expand(len(feat), -1)
            classes = (
                classes.clone()
            )  # made in inference mode, it has no place in a graph
            scores = self.scores(feat)
            foreground = scores.object_foreground
            if self.map_score == 'contrast':
                foreground = foreground - scores.background_foreground
            maps = self.gradient_maps(feat, foreground, classes)
            if self.output == 'mask':
                background = scores.background_background - scores.object_background
                rest = self.gradient_maps(feat, background, classes)
                maps = (self._fine(maps) > self._fine(rest)).to(maps)
        return maps

    def loss(
        self,
        feats: tuple[Tensor, ...],
        data_samples: list[DataSample],
        context: Context,
    ) -> dict[str, Tensor]:
        """The classification loss of s_ff, and the stagger loss's terms."""
        scores = self.scores(feats[-1])
        logits = scores.object_foreground
        present = multi_hot(data_samples, self.num_classes).to(logits)
        return dict(
            loss_cls=self.classification(logits, data_samples),
            **self.loss_stagger(scores, present),
        )

    def scores(self, feat: Tensor) -> StaggerScores:
        """``(N, C, h, w)`` -> four scores ``(N, K)``.

        The background classifier does not teach the feature what to be: it reads a
        detached copy, and what reaches the feature from it passes through the weights of
        the aggregators.
        """
        foreground = places(self.foreground_aggregator(feat))
        background = places(self.background_aggregator(feat))
        constant = feat.detach()
        return StaggerScores(
            object_foreground=pooled(self.classifier, feat, foreground),
            background_foreground=pooled(
                self.background_classifier, constant, foreground
            ),
            background_background=pooled(
                self.background_classifier, constant, background
            ),
            object_background=pooled(self.classifier, feat, background),
        )

    def gradient_maps(self, feat: Tensor, scores: Tensor, classes: Tensor) -> Tensor:
        """Maps ``(N, M, h, w)`` from the gradient of scores ``(N, K)`` of classes ``(N, M)``."""
        rule = MAP_RULES[self.map_rule]
        maps = feat.new_empty(len(feat), classes.shape[1], *feat.shape[2:])
        for m, own in enumerate(classes.unbind(1)):
            # images do not mix in the head: one pass gives every image its own gradient
            total = scores.gather(1, own[:, None]).sum()
            (gradient,) = torch.autograd.grad(total, feat, retain_graph=True)
            weight = gradient.mean((2, 3), keepdim=True)
            maps[:, m] = rule(feat.detach(), gradient, weight).sum(1)
        return maps

    def _start_as_average_pooling(self) -> None:
        for aggregator in (self.foreground_aggregator, self.background_aggregator):
            for parameter in aggregator.parameters():
                nn.init.zeros_(parameter)

    def _fine(self, maps: Tensor) -> Tensor:
        """Maps at the input's size, each from 0 to 1."""
        fine = F.interpolate(maps, scale_factor=self.mask_scale, mode='bilinear')
        return minmax_normalize(fine)


def places(activity: Tensor) -> Tensor:
    """``(N, heads, h, w)`` -> the share of each place ``(N, h * w)``, summing to 1."""
    return activity.flatten(2).softmax(2).mean(1)
