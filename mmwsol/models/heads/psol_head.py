"""Pseudo-supervised localisation: a box is learned from boxes that nobody drew.

Shapes: ``N`` images, ``C`` channels, ``K`` classes.
"""

from typing import Any, NoReturn

import torch
import torch.nn.functional as F
from mmpretrain.registry import MODELS
from mmpretrain.structures import DataSample
from torch import Tensor, nn

from mmwsol.models.heads.cam_head import CAMHead
from mmwsol.models.heads.labels import single_labels
from mmwsol.structures import Context

HIDDEN = 512
BOX_WEIGHT = 50.0
"""The published ones."""


@MODELS.register_module()
class PSOLHead(CAMHead):
    """A regressor of one box, which does not know the class, and no map.

    `Rethinking the Route Towards Weakly Supervised Object Localization (CVPR 2020)
    <https://arxiv.org/abs/2002.11359>`_. What it learns from are the pseudo boxes that another
    method found in the training images, which :class:`LoadPseudoBox` gives as ``gt_bboxes``.

    The published classes are another network's (``tools/test.py --labels-from``). Ours
    are a linear classifier's on the regressor's features, which get no gradient from it: the
    box is as it would be without.

    Args:
        num_classes: ``K``.
        in_channels: ``C`` of the deepest feature.
        init_cfg: As for :class:`CAMHead`.
    """

    predicts_box = True
    map_names: dict[str, dict] = {}
    export_problem = 'predicts one box an image, where an exported file has maps.'

    def __init__(
        self, num_classes: int, in_channels: int, init_cfg: dict | list | None = None
    ) -> None:
        super().__init__(num_classes, in_channels, map_classes='all', init_cfg=init_cfg)
        self.regressor = nn.Sequential(
            nn.Linear(in_channels, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 4)
        )

    def logits(self, feats: Any) -> Tensor:
        """Scores ``(N, K)`` of the classifier beside the regressor."""
        pooled = feats[-1].detach().mean((2, 3), keepdim=True)
        return self.classifier(pooled).flatten(1)

    def maps(self, feats: Any, classes: Tensor | None) -> NoReturn:
        raise ValueError(
            'Expected a model with maps, but PSOLHead predicts one box an image and no map.'
        )

    def boxes(self, feats: Any) -> Tensor:
        """Boxes ``(N, 4)`` xyxy in [0, 1], cut to the input."""
        corner, size = self.sides(feats).split(2, dim=1)
        return torch.cat([corner, (corner + size).clamp(max=1)], dim=1)

    def sides(self, feats: Any) -> Tensor:
        """What is regressed: ``x, y, width, height`` as shares of the input, ``(N, 4)``."""
        return self.regressor(feats[-1].mean((2, 3))).float().sigmoid()

    def loss(
        self, feats: Any, data_samples: list[DataSample], context: Context
    ) -> dict[str, Tensor]:
        """``50 x MSE`` of the sides, and the classifier's cross entropy."""
        labels = single_labels(data_samples)
        sides = self.sides(feats)
        wanted = _pseudo_boxes(data_samples, context.input_size).to(sides)
        return dict(
            loss_box=BOX_WEIGHT * F.mse_loss(sides, wanted),
            loss_cls=F.cross_entropy(self.logits(feats), labels),
        )


def _pseudo_boxes(samples: list[DataSample], size: tuple[int, int]) -> Tensor:
    """``x, y, width, height`` of each image's box, as shares of the input, ``(N, 4)``."""
    found = [sample.get('gt_bboxes', ()) for sample in samples]
    if any(len(own) != 1 for own in found):
        counts = sorted({len(own) for own in found})
        raise ValueError(
            f'Expected one pseudo box for each training image, but got {counts}; set '
            '`train_dataloader.dataset.pseudo_boxes` and the pipeline of configs/psol.'
        )
    height, width = size
    # a pipeline packs arrays
    boxes = torch.cat([torch.as_tensor(own).float() for own in found])
    boxes = boxes / boxes.new_tensor([width, height, width, height])
    return torch.cat([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], dim=1)
