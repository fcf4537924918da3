"""The base head: a class convolution, its scores and its maps.

Shapes: ``N`` images, ``C`` channels, ``K`` classes, ``M`` maps asked for, ``h, w`` grid.
"""

from collections.abc import Callable
from typing import Any

import torch.nn.functional as F
from mmengine.model import BaseModule
from mmpretrain.registry import MODELS
from mmpretrain.structures import DataSample
from torch import Tensor, nn

from mmwsol.models.heads.class_maps import class_maps, class_scores
from mmwsol.models.heads.labels import multi_hot, targets
from mmwsol.structures import Context


@MODELS.register_module()
class CAMHead(BaseModule):
    """Class activation maps.

    `Learning Deep Features for Discriminative Localization (CVPR 2016)
    <https://arxiv.org/abs/1512.04150>`_. The linear classifier after global average
    pooling is written as a 1 x 1 convolution before it: the mean of class k's map is
    class k's score.

    A method subclasses it, overrides at most ``__init__``, ``logits``, ``maps`` and
    ``loss``, and declares in the class attributes what it needs and offers.

    Args:
        num_classes: ``K``.
        in_channels: ``C`` of the deepest feature.
        map_classes: Whose map is predicted. `'gt'`: the true class's where the sample
            has a label, else the predicted class's. A number k: the mean over the k
            classes with the highest scores. `'all'`: the mean over all classes.
        multi_label: Whether an image may have several classes: scores are probabilities
            of their own instead of shares of one.
        pool_above: The share of a channel's maximum in the image above which places count in
            the scores, 0.1 in `Rethinking Class Activation Mapping for Weakly Supervised
            Object Localization (ECCV 2020) <https://doi.org/10.1007/978-3-030-58555-6_37>`_;
            None for all places. For heads whose scores are CAM's.
        positive_weights: Whether negative class weights count as 0 in maps, as there; scores
            keep them. For heads whose maps are CAM's.
    """

    reads_tail = False
    """Whether the loss runs the layers after the tap a second time."""
    reads_attention = False
    """Whether the loss teaches attention layers of the backbone."""
    reads_layers: tuple[str, ...] = ()
    """Names of the layers, as in the model's ``state_dict``, whose outputs the loss reads."""
    reads_branches = False
    """Whether it has a second classifier for the second stack of a ``TwinConvs`` neck."""
    reads_weights_by: tuple[str, ...] = ('multi_label', 'pool_above')
    """Arguments without which weights mean something else; a checkpoint has the model's."""
    fits = False
    """Whether the head learns from one pass without gradients, by ``observe`` and
    ``solve``, instead of from losses."""
    map_names: dict[str, dict] = {'map': {}}
    """Maps there are to show, each with the arguments that make it the predicted one."""
    predicts_box = False
    """Whether a prediction is one box an image, which ``boxes`` makes, and no map."""
    export_problem: str | None = None
    """Why the head cannot be exported, where predicting takes more than operations on
    features."""

    def __init__(
        self,
        num_classes: int,
        in_channels: int,
        map_classes: str | int = 'gt',
        multi_label: bool = False,
        pool_above: float | None = None,
        positive_weights: bool = False,
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
        self.pool_above = pool_above
        self.positive_weights = positive_weights
        self._check_pooling()
        self.classifier = nn.Conv2d(in_channels, num_classes, kernel_size=1)

    def _check_pooling(self) -> None:
        above, own = self.pool_above, type(self)
        if above is not None and not 0 < above < 1:
            raise ValueError(
                'Expected `model.head.pool_above` to be None or between 0 and 1, but '
                f'got {above!r}.'
            )
        # a head with scores or maps of its own would not read them
        for name, wanted, ours, theirs in (
            ('pool_above', above is not None, own.logits, CAMHead.logits),
            ('positive_weights', self.positive_weights, own.maps, CAMHead.maps),
        ):
            if wanted and ours is not theirs:
                raise ValueError(
                    f'Expected `model.head.{name}` for a head whose {ours.__name__} are '
                    f"CAM's, such as CAMHead, but got it for {own.__name__}; leave it out."
                )

    def forward(self, feats: Any) -> Tensor:
        """Scores, as the host's heads give them to ``model(images)``."""
        return self.logits(feats)

    def logits(self, feats: Any) -> Tensor:
        """Scores ``(N, K)`` before softmax or sigmoid.

        Args:
            feats: What the neck gives, or the backbone where there is no neck: features
                from shallow to deep, or a :class:`mmwsol.structures.Foreground`.
        """
        return class_scores(self.classifier, feats[-1], self.pool_above)

    def maps(self, feats: Any, classes: Tensor | None) -> Tensor:
        """Maps ``(N, M, h, w)``, not normalized.

        Args:
            feats: As for :meth:`logits`.
            classes: ``(N, M)``, whose maps are asked for; None for every class's.
        """
        return class_maps(self.classifier, feats[-1], classes, self.positive_weights)

    def boxes(self, feats: Any) -> Tensor:
        """The box of each image where the head ``predicts_box``.

        Args:
            feats: As for :meth:`logits`.

        Returns:
            ``(N, 4)`` xyxy in [0, 1], shares of the input.
        """
        raise NotImplementedError(f'{type(self).__name__} makes maps.')

    def loss(
        self,
        feats: Any,
        data_samples: list[DataSample],
        context: Context,
    ) -> dict[str, Tensor]:
        """The losses by name, here the classification's alone.

        Args:
            feats: As for :meth:`logits`.
            data_samples: With ``gt_label``, or ``gt_score`` after batch augmentation.
            context: What a loss can use besides.
        """
        return dict(loss_cls=self.classification(self.logits(feats), data_samples))

    def classification(self, logits: Tensor, data_samples: list[DataSample]) -> Tensor:
        """Cross entropy, or the multi-label soft margin, of scores ``(N, K)``."""
        if self.multi_label:
            present = multi_hot(data_samples, self.num_classes).to(logits)
            return F.multilabel_soft_margin_loss(logits, present)
        return F.cross_entropy(logits, targets(data_samples))

    def predict(
        self,
        feats: Any,
        data_samples: list[DataSample] | None = None,
        maps: Callable[[Any, Tensor | None], Tensor] | None = None,
    ) -> list[DataSample]:
        """Sets ``pred_score``, ``pred_label`` and ``pred_map (M, h, w)``.

        Where the head ``predicts_box``, ``pred_bboxes (1, 4)`` in place of the map, as shares
        of the input.

        Args:
            feats: As for :meth:`logits`.
            data_samples: With ``gt_label`` where it is known.
            maps: What makes the maps in place of :meth:`maps`.
        """
        if self.predicts_box:
            return self._predict_boxes(feats, data_samples)
        labels = None
        if data_samples and all('gt_label' in sample for sample in data_samples):
            labels = [sample.gt_label for sample in data_samples]
        scores, made = self.scores_and_maps(feats, labels, maps)
        counts = [1] * len(made)
        if self.map_classes == 'gt' and labels:
            counts = [len(label) for label in labels]
        samples = data_samples or [DataSample() for _ in made]
        for sample, score, own, count in zip(samples, scores, made, counts):
            sample.set_pred_score(score).set_pred_label(score.argmax(keepdim=True))
            sample.set_field(own[:count], 'pred_map')
        return samples

    def scores_and_maps(
        self,
        feats: Any,
        labels: list[Tensor] | None = None,
        maps: Callable[[Any, Tensor | None], Tensor] | None = None,
    ) -> tuple[Tensor, Tensor]:
        """What a prediction holds, as tensors.

        Args:
            feats: As for :meth:`logits`.
            labels: The labels of each image, whose maps are asked for; None for the
                predicted class's.
            maps: As for :meth:`predict`.

        Returns:
            Scores ``(N, K)`` in [0, 1], and maps ``(N, M, h, w)``.
        """
        logits = self.logits(feats)
        made = (maps or self.maps)(feats, self._classes(logits, labels))
        if self.map_classes != 'gt':
            made = made.mean(1, keepdim=True)
        return self.probabilities(logits), made

    def probabilities(self, logits: Tensor) -> Tensor:
        """Scores ``(N, K)`` in [0, 1]."""
        logits = logits.float()  # in half precision, sure classes would be equally sure
        return logits.sigmoid() if self.multi_label else logits.softmax(1)

    def _predict_boxes(
        self, feats: Any, data_samples: list[DataSample] | None
    ) -> list[DataSample]:
        scores, boxes = self.probabilities(self.logits(feats)), self.boxes(feats)
        samples = data_samples or [DataSample() for _ in boxes]
        for sample, score, box in zip(samples, scores, boxes.float()):
            sample.set_pred_score(score).set_pred_label(score.argmax(keepdim=True))
            sample.set_field(box[None], 'pred_bboxes')
        return samples

    def _classes(self, logits: Tensor, labels: list[Tensor] | None) -> Tensor | None:
        """Classes ``(N, M)`` whose maps make the predicted one; None for all."""
        if self.map_classes == 'all':
            return None
        if self.map_classes == 'gt' and labels is not None:
            # images may have different numbers of labels; 0 stands in for the missing
            padded = nn.utils.rnn.pad_sequence(labels, batch_first=True)
            return padded.to(logits.device).long()
        count = self.map_classes if isinstance(self.map_classes, int) else 1
        return logits.topk(count).indices
