"""Self-produced guidance.

Shapes: ``N`` images of ``H x W`` pixels, ``C`` channels, ``h, w`` grid of a feature.
"""

from collections.abc import Sequence

import torch
from mmengine.model import ModuleList, Sequential
from mmpretrain.registry import MODELS
from mmpretrain.structures import DataSample
from torch import Tensor, nn

from mmwsol.functional import minmax_normalize, to_grid
from mmwsol.models.heads.cam_head import CAMHead
from mmwsol.models.heads.labels import single_labels
from mmwsol.models.losses import guidance_loss
from mmwsol.structures import Context

DEEPEST_CHANNELS = 512
"""Most channels of C; B1 and B2 may have more."""


@MODELS.register_module()
class SPGHead(CAMHead):
    """CAM whose backbone learns from side branches where the object is and where it is not.

    `Self-produced Guidance for Weakly-supervised Object Localization (ECCV 2018)
    <https://arxiv.org/abs/1807.08902>`_. What the map of the true class is sure of teaches
    B2, a map of a layer's output; B2 teaches B1, that of an earlier layer; both teach C, that
    of the deepest feature. They exist for training alone: scores and maps are CAM's.

    Args:
        num_classes: ``K``.
        in_channels: ``C`` of the deepest feature.
        levels: Names of the layers that B1 and B2 read, as in the model's ``state_dict``.
        level_channels: Channels of their outputs.
        hidden_channels: Channels inside B1, B2 and C, which has 512 at most.
        thresholds: Above which value a pixel is surely foreground, and below which it is
            surely background: of the class's map for B2, of B2 for B1, of the mean of both
            for C.
        **kwargs: As for :class:`CAMHead`.
    """

    def __init__(
        self,
        num_classes: int,
        in_channels: int,
        levels: Sequence[str],
        level_channels: Sequence[int],
        hidden_channels: int = 512,
        thresholds: Sequence[Sequence[float]] = ((0.7, 0.01), (0.5, 0.05), (0.7, 0.1)),
        **kwargs,
    ) -> None:
        super().__init__(num_classes, in_channels, **kwargs)
        if not len(levels) == len(level_channels) == 2:
            raise ValueError(
                'Expected two layers in `model.head.levels` and their channels in '
                f'`model.head.level_channels`, but got {levels} and {level_channels}.'
            )
        if len(thresholds) != 3 or not all(
            len(pair) == 2 and 0 <= pair[1] <= pair[0] <= 1 for pair in thresholds
        ):
            raise ValueError(
                'Expected three pairs (above, below) with 0 <= below <= above <= 1 in '
                f'`model.head.thresholds`, but got {thresholds}.'
            )
        self.reads_layers = tuple(levels)
        self.level_channels = tuple(level_channels)
        self.thresholds = thresholds
        self.sides = ModuleList(
            _convs(channels, hidden_channels) for channels in level_channels
        )
        self.shared = _map_of(hidden_channels, hidden_channels)
        self.deepest = _map_of(in_channels, min(DEEPEST_CHANNELS, hidden_channels))

    def loss(
        self,
        feats: tuple[Tensor, ...],
        data_samples: list[DataSample],
        context: Context,
    ) -> dict[str, Tensor]:
        """CAM's loss, and those of B2, B1 and C against what guides each."""
        labels = single_labels(data_samples)
        losses = super().loss(feats, data_samples, context)
        with torch.no_grad():
            attention = minmax_normalize(self.maps(feats, labels[:, None]))
        b1, b2 = (
            self.shared(side(level))
            for side, level in zip(self.sides, self._checked(context.levels))
        )
        c = self.deepest(feats[-1])
        attention, b1, b2, c = (
            to_grid(own.float(), context.input_size) for own in (attention, b1, b2, c)
        )
        seen1, seen2 = b1.detach().sigmoid(), b2.detach().sigmoid()
        guides = attention, seen2, (seen1 + seen2) / 2
        for name, own, guide, (above, below) in zip(
            ('b2', 'b1', 'c'), (b2, b1, c), guides, self.thresholds
        ):
            losses[f'loss_{name}'] = guidance_loss(own, guide, above, below)
        return losses

    def _checked(self, levels: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        found = tuple(level.shape[1] for level in levels)
        if found != self.level_channels:
            raise ValueError(
                f'Expected outputs with {self.level_channels} channels '
                f'(`model.head.level_channels`) of {self.reads_layers}, but got {found}.'
            )
        return levels


def _convs(in_channels: int, hidden_channels: int, *last: nn.Module) -> Sequential:
    """A hidden convolution and what comes after it."""
    return Sequential(
        nn.Conv2d(in_channels, hidden_channels, kernel_size=3, padding=1),
        nn.ReLU(inplace=True),
        *last,
        init_cfg=dict(type='Xavier', layer='Conv2d', distribution='uniform'),
    )


def _map_of(in_channels: int, hidden_channels: int) -> Sequential:
    """A hidden convolution and one to a single map."""
    last = nn.Conv2d(hidden_channels, 1, kernel_size=1)
    return _convs(in_channels, hidden_channels, last)
