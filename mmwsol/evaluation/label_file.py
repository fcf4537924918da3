"""The classes that a model predicts, in a file for the evaluation of another."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.logging import MMLogger
from mmpretrain.registry import METRICS

from mmwsol.evaluation.samples import image_id, one_label
from mmwsol.io.names import printable
from mmwsol.io.predicted_labels import BEST, PredictedLabels, write_labels


@METRICS.register_module()
class LabelFile(BaseMetric):
    """An evaluator that writes the best scored classes of each image, and no number.

    :mod:`mmwsol.io.predicted_labels` describes the file; ``tools/test.py --labels-from`` reads
    it.

    Args:
        file: The file to write.
        model: The name of the model in the file.
        image_root: The folder that image ids are relative to.
    """

    default_prefix = 'labels'

    def __init__(
        self,
        file: str,
        model: str,
        image_root: str = '',
        collect_device: str = 'cpu',
        prefix: str | None = None,
    ) -> None:
        super().__init__(collect_device, prefix)
        self.file = Path(file)
        self.model = model
        self.image_root = Path(image_root)

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        for sample in data_samples:
            one_label(sample)
            scores = np.asarray(sample['pred_score'].cpu(), np.float64)
            best = np.argsort(-scores, kind='stable')[:BEST].tolist()
            image = image_id(sample['img_path'], self.image_root)
            self.results.append((image, best))

    def compute_metrics(self, results: list[tuple[str, list[int]]]) -> dict[str, float]:
        assert self.dataset_meta is not None  # a loop gives it
        classes = [str(name) for name in self.dataset_meta['classes']]
        write_labels(self.file, PredictedLabels(self.model, classes, dict(results)))
        MMLogger.get_current_instance().info(
            f'Wrote the best classes of {len(results)} images to {printable(self.file)}.'
        )
        return {}
