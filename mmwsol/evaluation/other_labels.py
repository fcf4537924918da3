"""Boxes of one model, classes of another."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import torch
from mmengine.evaluator import BaseMetric, Evaluator
from mmpretrain.structures import DataSample

from mmwsol.evaluation.samples import image_id, one_label
from mmwsol.io.predicted_labels import PredictedLabels


class OtherLabels(Evaluator):
    """Evaluates predictions after their classes were replaced by another model's.

    Of each image ``pred_score (K,)`` becomes 1/2, 1/4, ... for the other model's best
    classes in their order and 0 for the rest, so that the ranks are its, and ``pred_label``
    its best.

    Args:
        metrics: The metrics.
        labels: The other model's classes.
        image_root: The folder that image ids are relative to.
    """

    def __init__(
        self,
        metrics: Sequence[BaseMetric],
        labels: PredictedLabels,
        image_root: str = '',
    ) -> None:
        super().__init__(metrics)
        self.labels = labels
        self.image_root = Path(image_root)

    def check(self, files: Iterable[str]) -> None:
        """Refuses labels that do not have all images.

        Args:
            files: The paths of the images.
        """
        images = [image_id(file, self.image_root) for file in files]
        missing = [image for image in images if image not in self.labels.best]
        if missing:
            raise ValueError(
                f'Expected classes of all {len(images)} images of `test_dataloader` from '
                f'{self.labels.model}, but those of {len(missing)} are not in the file of '
                f'--labels-from, such as {missing[0][:200]!r}.'
            )

    def process(
        self, data_samples: Sequence[DataSample], data_batch: Any = None
    ) -> None:
        for sample in data_samples:
            one_label(sample)
            best = self.labels.best[image_id(sample.img_path, self.image_root)]
            score = torch.zeros(len(self.labels.classes))
            score[best] = 0.5 ** torch.arange(1.0, len(best) + 1)
            label = sample.gt_label
            sample.set_pred_score(score.to(label.device)).set_pred_label(best[0])
        super().process(data_samples, data_batch)
