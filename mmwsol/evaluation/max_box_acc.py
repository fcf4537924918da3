"""Box metrics of weakly supervised localisation, from one sweep over thresholds."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.logging import MMLogger
from mmpretrain.registry import METRICS

from mmwsol.functional import LEVELS, level_ious, level_of, threshold_of

TOP = dict(gt_known=None, top1=1, top5=5)


class ImageResult(NamedTuple):
    """What is kept of an image: about a hundred bytes for each rule."""

    hits: bytes
    """Packed bits of ``(2, D, 255)``: rule (all contours, largest), IoU, grey level."""
    rank: int
    """Number of classes scored above the true one; -1 without scores."""
    label: int


@METRICS.register_module()
class MaxBoxAccV2(BaseMetric):
    """Localisation accuracy of maps: MaxBoxAccV2, MaxBoxAcc, GT-known, Top-1 and Top-5.

    `Evaluating Weakly Supervised Object Localization Methods Right (CVPR 2020)
    <https://arxiv.org/abs/2001.07437>`_. Results, in percent:

    * ``loc/maxboxacc_v2``: boxes of all contours, mean over IoU 0.3, 0.5 and 0.7 of the
      best accuracy over thresholds (one threshold for each IoU).
    * ``loc/maxboxacc``: box of the largest contour, best accuracy at IoU 0.5.
    * ``loc/gt_known``: box of the largest contour, IoU 0.5, at the threshold that
      ``threshold`` names; with 'oracle' it equals ``loc/maxboxacc``.
    * ``loc/top1``, ``loc/top5``: the same boxes at the same threshold, and the true class
      among the 1 or 5 best scored.
    * ``loc/threshold``: the threshold of the last three.

    Reads ``pred_map``, ``pred_score``, ``gt_label`` and ``gt_bboxes`` of the samples; the
    map must be the true class's (``map_classes='gt'``) or know no class. Images without
    boxes are counted in a warning and left out.

    Args:
        threshold: `'oracle'` chooses the threshold with the highest GT-known accuracy on
            the evaluated images themselves, as papers do; a number in [0, 1) is fixed.
        iou_thresholds: IoUs a hit needs (>=) in MaxBoxAccV2; 0.5 must be among them.
        average: `'image'`: mean over images. `'class'`: mean of the classes' means.
    """

    default_prefix = 'loc'

    def __init__(
        self,
        threshold: str | float = 'oracle',
        iou_thresholds: Sequence[float] = (0.3, 0.5, 0.7),
        average: str = 'image',
        collect_device: str = 'cpu',
        prefix: str | None = None,
    ) -> None:
        super().__init__(collect_device, prefix)
        if threshold != 'oracle' and not (
            isinstance(threshold, float) and 0 <= threshold < 1
        ):
            raise ValueError(
                "Expected `threshold` of MaxBoxAccV2 to be 'oracle' or in [0, 1), but got "
                f'{threshold!r}.'
            )
        if 0.5 not in iou_thresholds:
            raise ValueError(
                f'Expected 0.5 among `iou_thresholds` of MaxBoxAccV2, but got {iou_thresholds}.'
            )
        if average not in ('image', 'class'):
            raise ValueError(
                f"Expected `average` of MaxBoxAccV2 to be 'image' or 'class', but got {average!r}."
            )
        self.threshold = threshold
        self.iou_thresholds = tuple(iou_thresholds)
        self.average = average

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Sweeps the maps of a batch; nothing of a map's size is kept."""
        for sample in data_samples:
            self.results.append(self._image_result(sample))

    def compute_metrics(self, results: list[ImageResult | None]) -> dict[str, float]:
        """Percentages from the kept bits of all images."""
        # collecting across processes turns named tuples into plain ones
        kept = [ImageResult(*result) for result in results if result is not None]
        if len(kept) < len(results):
            MMLogger.get_current_instance().warning(
                f'MaxBoxAccV2 left out {len(results) - len(kept)} of {len(results)} images '
                'that have no ground-truth box.'
            )
        if not kept:
            return {}
        count = len(self.iou_thresholds)
        packed = np.frombuffer(b''.join(r.hits for r in kept), np.uint8).reshape(
            len(kept), -1
        )
        hits = np.unpackbits(packed, axis=1, count=2 * count * LEVELS)
        hits = hits.reshape(len(kept), 2, count, LEVELS)
        weights = self._weights(np.array([r.label for r in kept]))
        every, largest = np.tensordot(weights, hits, 1)

        half = self.iou_thresholds.index(0.5)
        level = (
            largest[half].argmax()
            if self.threshold == 'oracle'
            else level_of(self.threshold)
        )
        known = hits[:, 1, half, level]
        ranks = np.array([r.rank for r in kept])
        metrics = dict(maxboxacc_v2=every.max(1).mean(), maxboxacc=largest[half].max())
        for name, k in TOP.items():
            if k is None or (ranks >= 0).all():
                metrics[name] = weights @ (known if k is None else known & (ranks < k))
        metrics = {name: 100 * float(value) for name, value in metrics.items()}
        return dict(**metrics, threshold=threshold_of(int(level)))

    def _image_result(self, sample: dict) -> ImageResult | None:
        boxes = np.asarray(sample.get('gt_bboxes', ()), np.float64).reshape(-1, 4)
        if not len(boxes):
            return None
        score_map = np.asarray(sample['pred_map'].cpu(), np.float32)
        name = sample.get('img_path', 'an image')
        if score_map.ndim != 3 or len(score_map) != 1:
            raise ValueError(
                f'Expected one map `pred_map` (1, H, W) for {name}, but got {score_map.shape}.'
            )
        if not (score_map.min() >= 0 and score_map.max() <= 1):
            raise ValueError(
                f'Expected `pred_map` of {name} to be finite and in [0, 1].'
            )
        ious = level_ious(score_map[0], boxes)[:, None]
        hits = ious >= np.array(self.iou_thresholds)[:, None]
        label = int(sample['gt_label'][0])
        rank = -1
        if 'pred_score' in sample:
            scores = sample['pred_score']
            rank = int((scores > scores[label]).sum())
        return ImageResult(np.packbits(hits).tobytes(), rank, label)

    def _weights(self, labels: np.ndarray) -> np.ndarray:
        """Each image's share of the mean."""
        if self.average == 'image':
            return np.full(len(labels), 1 / len(labels))
        _, inverse, counts = np.unique(labels, return_inverse=True, return_counts=True)
        return 1 / (counts[inverse] * len(counts))
