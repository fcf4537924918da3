"""The base head: a class convolution, its scores and its maps.

Shapes: ``N`` images, ``C`` channels, ``K`` classes, ``M`` maps asked for, ``h, w`` grid.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from mmpretrain.registry import MODELS
from mmpretrain.structures import DataSample
from torch import Tensor, nn

from mmwsol.structures import Activation

Choice = Callable[[Tensor], Tensor]


@MODELS.register_module()
class CAMHead(BaseModule):
    """Class activation maps.

    `Learning Deep Features for Discriminative Localization (CVPR 2016)
    <https://arxiv.org/abs/1512.04150>`_. The linear classifier after global average
    pooling is written as a 1 x 1 convolution before it: the mean of class k's map is
    class k's score.

    A method subclasses it and overrides at most ``__init__``, ``forward`` and ``loss``.
    One that needs more than ``forward`` to predict says in ``EXPORT_PROBLEM`` why it cannot
    be exported; one with several maps to show names them in ``MAPS``, each with the head's
    arguments that make it the predicted one.

    Args:
        num_classes: ``K``.
        in_channels: ``C`` of the deepest feature.
        map_classes: Whose map is predicted. `'gt'`: the true class's where the sample
            has a label, else the predicted class's. A number k: the mean over the k
            classes with the highest scores. `'all'`: the mean over all classes.
        multi_label: Whether an image may have several classes: scores are probabilities
            of their own instead of shares of one.
    """

    EXPORT_PROBLEM: str | None = None
    MAPS: dict[str, dict] = {'map': {}}

    def __init__(
        self,
        num_classes: int,
        in_channels: int,
        map_classes: str | int = 'gt',
        multi_label: bool = False,
        init_cfg: dict | list | None = None,
    ) -> None:
        if init_cfg is None:
            init_cfg = dict(type='Normal', layer='Conv2d', std=0.01)
        super().__init__(init_cfg)
        if map_classes not in ('gt', 'all') and not (
            isinstance(map_classes, int) and 1 <= map_classes <= num_classes
        ):
            raise ValueError(
                "Expected `model.head.map_classes` to be 'gt', 'all' or a number from 1 to "
                f'{num_classes}, but got {map_classes!r}.'
            )
        self.num_classes = num_classes
        self.map_classes = map_classes
        self.multi_label = multi_label
        self.classifier = nn.Conv2d(in_channels, num_classes, kernel_size=1)

    def forward(
        self, feats: tuple[Tensor, ...], choose: Choice | None = None
    ) -> Activation:
        """Scores, and the maps of the classes chosen from the scores.

        Args:
            feats: The neck's or backbone's output.
            choose: ``logits (N, K) -> classes (N, M)``; None keeps all classes.
        """
        maps = self.classifier(feats[-1])
        logits = maps.mean((2, 3))
        return Activation(
            logits, maps if choose is None else take(maps, choose(logits))
        )

    def loss(
        self,
        feats: tuple[Tensor, ...],
        data_samples: list[DataSample],
        tail: Callable[[Tensor], Tensor] | None = None,
    ) -> dict[str, Tensor]:
        """The classification loss.

        Args:
            feats: The neck's or backbone's output.
            data_samples: With ``gt_label``, or ``gt_score`` after batch augmentation.
            tail: The layers between the tap and the class convolution, for methods
                that run them again.
        """
        return dict(loss_cls=self.classification(self(feats).logits, data_samples))

    def classification(self, logits: Tensor, data_samples: list[DataSample]) -> Tensor:
        """Cross entropy, or the multi-label soft margin, of scores ``(N, K)``."""
        if self.multi_label:
            present = multi_hot(data_samples, self.num_classes).to(logits)
            return F.multilabel_soft_margin_loss(logits, present)
        return F.cross_entropy(logits, targets(data_samples))

    def predict(
        self, feats: tuple[Tensor, ...], data_samples: list[DataSample] | None = None
    ) -> list[DataSample]:
        """Sets ``pred_score``, ``pred_label`` and ``pred_map (M, h, w)``."""
        labels = None
        if data_samples and all('gt_label' in sample for sample in data_samples):
            labels = [sample.gt_label for sample in data_samples]
        scores, maps = self.scores_and_maps(feats, labels)
        counts = [1] * len(maps)
        if self.map_classes == 'gt' and labels:
            counts = [len(label) for label in labels]
        samples = data_samples or [DataSample() for _ in maps]
        for sample, score, own, count in zip(samples, scores, maps, counts):
            sample.set_pred_score(score).set_pred_label(score.argmax(keepdim=True))
            sample.set_field(own[:count], 'pred_map')
        return samples

    def scores_and_maps(
        self, feats: tuple[Tensor, ...], labels: list[Tensor] | None = None
    ) -> tuple[Tensor, Tensor]:
        """What a prediction holds, as tensors.

        Args:
            feats: The neck's or backbone's output.
            labels: Of each image, whose maps are asked for; None for the predicted class's.

        Returns:
            Scores ``(N, K)`` in [0, 1], and maps ``(N, M, h, w)``.
        """
        logits, maps = self(feats, self._choice(labels))
        if self.map_classes != 'gt':
            maps = maps.mean(1, keepdim=True)
        scores = logits.sigmoid() if self.multi_label else logits.softmax(1)
        return scores, maps

    def _choice(self, labels: list[Tensor] | None) -> Choice | None:
        if self.map_classes == 'all':
            return None
        if self.map_classes == 'gt' and labels is not None:
            # images may have different numbers of labels; 0 stands in for the missing
            return lambda logits: nn.utils.rnn.pad_sequence(
                labels, batch_first=True
            ).to(logits.device, torch.long)
        k = 1 if self.map_classes == 'gt' else self.map_classes
        return lambda logits: logits.topk(k).indices


def take(maps: Tensor, classes: Tensor) -> Tensor:
    """``(N, K, h, w)`` and ``(N, M)`` indices -> ``(N, M, h, w)``."""
    return maps.gather(1, classes[..., None, None].expand(-1, -1, *maps.shape[2:]))


def pooled(classifier: nn.Conv2d, feat: Tensor, share: Tensor) -> Tensor:
    """Sums of class maps over places, weighted: ``(N, K)``.

    A 1 x 1 convolution and a sum commute: the maps, most of a head's operations, are
    not made.

    Args:
        classifier: The convolution.
        feat: ``(N, C, h, w)``.
        share: Weights of the places, ``(N, h * w)``; the bias counts as often as their sum.
    """
    # in this order a product is four times faster than `einsum`, for either memory format
    vector = (share[:, None] @ feat.flatten(2).transpose(1, 2))[:, 0]
    scores = F.linear(vector, classifier.weight.flatten(1))
    return scores + classifier.bias * share.sum(1, keepdim=True)


def mean_pooled(
    classifier: nn.Conv2d, feat: Tensor, under: Tensor | None = None
) -> Tensor:
    """Means of class maps ``(N, K)``, of all of them or under a map ``(N, 1, h, w)``."""
    if under is None:
        under = feat.new_ones(feat.shape[0], 1, *feat.shape[2:])
    places = under.flatten(1)
    return pooled(classifier, feat, places / places.shape[1])


def targets(data_samples: list[DataSample]) -> Tensor:
    """Labels ``(N,)``, or class probabilities ``(N, K)`` after batch augmentation."""
    if 'gt_score' in data_samples[0]:
        return torch.stack([sample.gt_score for sample in data_samples])
    return torch.cat([sample.gt_label for sample in data_samples])


def multi_hot(data_samples: list[DataSample], num_classes: int) -> Tensor:
    """``(N, K)``, 1 where an image has the class."""
    present = torch.zeros(len(data_samples), num_classes)
    for row, sample in zip(present, data_samples):
        row[sample.gt_label.long().cpu()] = 1  # of no label at all, torch thinks float
    return present


def single_labels(data_samples: list[DataSample]) -> Tensor:
    """Labels ``(N,)``, for methods that need to know the one class of an image."""
    labels = targets(data_samples)
    if labels.shape != (len(data_samples),):
        raise ValueError(
            'Expected one label for each image, but got labels of shape '
            f'{tuple(labels.shape)}; leave `model.train_cfg.augments` out.'
        )
    return labels
