"""The model class: an image classifier that also says where.

Shapes: ``N`` images, ``H, W`` network input, ``M`` maps of an image, ``h, w`` grid.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

import torch
from mmpretrain.models import ClsDataPreprocessor, ImageClassifier
from mmpretrain.registry import MODELS
from mmpretrain.structures import DataSample
from torch import Tensor

from mmwsol.functional import minmax_normalize, resize_maps
from mmwsol.models.backbones.tap import TapMixin
from mmwsol.models.familiarity import Familiarity
from mmwsol.models.frozen import leave_frozen_out
from mmwsol.models.layers.activity import activity
from mmwsol.models.map_makers.map_maker import MapMaker
from mmwsol.models.necks.map_neck import MapNeck
from mmwsol.models.necks.twin_convs import TwinConvs
from mmwsol.models.need_maps import need_maps
from mmwsol.models.plugins import (
    AttentionLayer,
    outputs_of,
    place_plugins,
    unknown_layer,
    watching,
)
from mmwsol.models.pretrained import check_pretrained
from mmwsol.models.size_groups import in_size_groups
from mmwsol.structures import Context, Foreground


@MODELS.register_module()
class Localizer(ImageClassifier):
    """Image classifier whose predictions carry maps at input size.

    Differences from the host's: layers can be placed inside backbone and neck, the
    head's loss may run the layers after the tap a second time, predictions get a resized
    and normalised ``pred_map``, and pretrained backbone weights must fit.

    Args:
        backbone: As for the host's; a Tap backbone where the head reads the tail.
        neck: As for the host's; one that makes maps makes one for each of the head's
            classes unless it says otherwise.
        head: As for the host's.
        plugins: Layers to place, each ``dict(module=..., after=[...])`` with names such as
            ``'backbone.layer3.0'``; see :func:`mmwsol.models.plugins.place_plugins`.
        channels_last: Whether weights, and so features, keep the channels of a place
            together in memory; by default where there is no GPU. Numbers differ by
            rounding alone.
        familiarity: Whether predictions say how much an image is like those of the classes
            at all; learned by :class:`mmwsol.engine.FitLoop` or
            :class:`mmwsol.engine.FamiliarityHook`.
        map_maker: What makes the maps in place of the head, a
            :class:`mmwsol.models.MapMaker` such as ``dict(type='BagCAMs')``; weights are the
            same with and without it.
        refine: What the finished maps pass through with their images, such as
            ``dict(type='GuidedFilter')``.
        **kwargs: As for :class:`mmpretrain.models.ImageClassifier`.

    Raises:
        ValueError: Backbone, neck, head and plugins do not fit together.
    """

    def __init__(
        self,
        backbone: dict,
        neck: dict | None = None,
        head: dict | None = None,
        plugins: Sequence[dict] = (),
        channels_last: bool | None = None,
        familiarity: bool = False,
        map_maker: dict | None = None,
        refine: dict | None = None,
        **kwargs,
    ) -> None:
        kind = MODELS.get(neck['type']) if neck else None
        if neck and head and kind and issubclass(kind, MapNeck):
            neck = {'num_maps': head['num_classes'], **neck}
        super().__init__(backbone, neck, head, **kwargs)
        self.has_tail = isinstance(self.backbone, TapMixin)
        self.plugins = place_plugins(self, plugins)
        self.familiarity = None
        if familiarity:
            classifier = self.head.classifier
            self.familiarity = Familiarity(
                classifier.out_channels, classifier.in_channels
            )
        self.map_maker = MODELS.build(map_maker) if map_maker else None
        self.refine = MODELS.build(refine) if refine else None
        self._check_parts()
        if channels_last or (channels_last is None and not torch.cuda.is_available()):
            # a step on a CPU becomes 1.4 to 1.9 times faster: docs/performance.md
            self.to(memory_format=torch.channels_last)
        leave_frozen_out(self)

    def _check_parts(self) -> None:
        head = type(self.head).__name__
        if isinstance(self.neck, MapNeck) and (
            self.neck.num_maps not in (1, self.head.num_classes)
        ):
            raise ValueError(
                f'Expected `model.neck.num_maps` to be 1 or {self.head.num_classes} '
                f'(`model.head.num_classes`), but got {self.neck.num_maps}.'
            )
        if self.head.reads_tail and not self.has_tail:
            raise ValueError(
                f'Expected a `model.backbone` with a `tail`, such as TapResNet, for {head}, '
                f'but got {type(self.backbone).__name__}.'
            )
        self._check_augments()
        if self.map_maker is not None:
            if not isinstance(self.map_maker, MapMaker):
                raise ValueError(
                    "Expected `model.map_maker` to be a maker of maps, such as 'BagCAMs', but "
                    f'got {type(self.map_maker).__name__}.'
                )
            need_maps(type(self.head), type(self.map_maker).__name__)
            self.map_maker.check(self)
        if self.refine is not None:
            need_maps(type(self.head), type(self.refine).__name__)
        layers = [name for name, _ in self.named_modules() if name]
        for name in self.head.reads_layers:
            if name not in layers:
                raise ValueError(unknown_layer(name, layers, 'model.head.levels'))
        if self.head.reads_branches != isinstance(self.neck, TwinConvs):
            wanted = (
                'TwinConvs' if self.head.reads_branches else 'another than TwinConvs'
            )
            raise ValueError(
                f'Expected `model.neck` to be {wanted} for {head}, but got '
                f'{type(self.neck).__name__ if self.with_neck else None}.'
            )
        for name, plugin in self.plugins.items():
            if isinstance(plugin, AttentionLayer) and not self.head.reads_attention:
                raise ValueError(
                    'Expected a `model.head` that learns from attention, such as ISCHead, for '
                    f'the {type(plugin).__name__} at {name}, but got {head}.'
                )

    def _check_augments(self) -> None:
        own, classes = self.data_preprocessor, self.head.num_classes
        if not isinstance(own, ClsDataPreprocessor) or own.batch_augments is None:
            return
        if own.num_classes != classes:
            raise ValueError(
                f'Expected `model.data_preprocessor.num_classes` to be {classes} '
                '(`model.head.num_classes`) for `model.train_cfg.augments`, which mix labels, '
                f'but got {own.num_classes}.'
            )

    def init_weights(self) -> None:
        check_pretrained(self.backbone)
        super().init_weights()

    def tail(self, tap: Tensor) -> Tensor:
        """Everything between the tap and the class convolution.

        Args:
            tap: ``(N, C, h1, w1)``, the first of the backbone's features.

        Returns:
            ``(N, C', h2, w2)``, what the head's class convolution reads.
        """
        deep = self.backbone.tail(tap)
        return self.neck.refine(deep) if self.with_neck else deep

    def loss(self, inputs: Tensor, data_samples: list[DataSample]) -> dict[str, Tensor]:
        """The head's losses of a batch, by name."""
        named = self.head.reads_layers
        with watching(self.plugins) as attended, outputs_of(self, named) as levels:
            feats = self.extract_feat(inputs)
        size = inputs.shape[-2], inputs.shape[-1]
        context = Context(self.tail, tuple(attended), size, tuple(levels))
        return self.head.loss(feats, data_samples, context)

    def predict(
        self, inputs: Tensor, data_samples: list[DataSample] | None = None, **kwargs
    ) -> list[DataSample]:
        """Class scores, maps ``(M, H, W)`` in [0, 1], the features' activity, and how familiar
        the image is.

        Where the head ``predicts_box``, boxes ``(1, 4)`` in pixels in place of the maps.
        """
        feats = self.extract_feat(inputs)
        if self.map_maker is not None:
            kwargs['maps'] = partial(self.map_maker.maps, self, inputs)
        samples = self.head.predict(feats, data_samples, **kwargs)
        if self.familiarity is not None:
            for sample, familiar in zip(samples, self.familiarity(deepest(feats))):
                sample.set_field(familiar, 'pred_familiarity')
        if self.head.predicts_box:
            height, width = inputs.shape[-2:]
            for sample in samples:
                size = sample.pred_bboxes.new_tensor([width, height, width, height])
                sample.set_field(sample.pred_bboxes * size, 'pred_bboxes')
            return samples
        counts = [len(sample.pred_map) for sample in samples]
        maps = torch.cat([sample.pred_map for sample in samples])
        maps = self.finished(maps, inputs.shape[-2:])
        for sample, active in zip(samples, activity(deepest(feats))):
            sample.set_field(active[0], 'pred_activity')
        if self.refine is not None:
            of_map = torch.arange(len(counts)).repeat_interleave(torch.tensor(counts))
            maps = self.refine(maps, inputs[of_map])
        for sample, own in zip(samples, maps.split(counts)):
            sample.set_field(own, 'pred_map')
        return samples

    def observe(self, feats: Any, data_samples: list[DataSample]) -> None:
        """Adds a batch to what :meth:`solve` finds the closed forms of.

        Args:
            feats: What :meth:`extract_feat` gives.
            data_samples: With ``gt_label``.
        """
        if self.head.fits:
            self.head.observe(feats, data_samples)
        if self.familiarity is not None:
            labels = [sample.gt_label for sample in data_samples]
            self.familiarity.observe(deepest(feats), labels)

    def solve(self) -> None:
        """Finds what follows in closed form from all that was observed."""
        if self.head.fits:
            self.head.solve()
        if self.familiarity is not None:
            self.familiarity.solve()

    def val_step(self, data: dict | tuple | list) -> list[DataSample]:
        """As the host's, for images of several sizes too."""
        return in_size_groups(super().val_step, data)

    def test_step(self, data: dict | tuple | list) -> list[DataSample]:
        """As the host's, for images of several sizes too."""
        return in_size_groups(super().test_step, data)

    def finished(self, maps: Tensor, size: Sequence[int]) -> Tensor:
        """Maps of the feature grid ``(M, h, w)`` as they are evaluated.

        Returns:
            ``(M, H, W)`` float32 in [0, 1].
        """
        maps = maps.float()
        flat = maps.amax((1, 2), keepdim=True) == maps.amin((1, 2), keepdim=True)
        # bicubic weights sum to 1 but for rounding, which would be stretched to [0, 1]
        maps = maps.masked_fill(flat, 0)
        return minmax_normalize(resize_maps(maps, size))


def deepest(feats: Any) -> Tensor:
    """What the classifier reads of features, ``(N, C, h, w)``."""
    return (feats.features if isinstance(feats, Foreground) else feats)[-1]
