"""Pixel metrics of weakly supervised localisation."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.evaluator import BaseMetric
from mmpretrain.registry import METRICS

from mmwsol.evaluation.problems import Problems
from mmwsol.functional import (
    PixelReport,
    mask_problem,
    pixel_histogram,
    pixel_report,
)
from mmwsol.functional.pixels import EDGES


@METRICS.register_module()
class PxAP(BaseMetric):
    """Agreement of maps with masks: pixel average precision and peak IoU.

    `Evaluation for Weakly Supervised Object Localization (TPAMI 2022)
    <https://arxiv.org/abs/2007.04178>`_. Results over all pixels of all images, in percent:

    * ``pix/pxap``: area under the curve of precision over recall, 1001 bins.
    * ``pix/piou``: the highest IoU over thresholds, which is the oracle's choice.
    * ``pix/threshold``: where that is.
    * ``pix/num_images``, and ``pix/num_invalid`` of them that were not judged.

    Reads ``pred_map (1, H, W)`` and ``gt_seg_map (H, W)`` (0, 1; 255 does not count); the
    map must be the true class's or know no class. ``report`` has the curve after an
    evaluation.

    Args:
        invalid: What happens to an image whose map or mask is missing or wrong. `'miss'`:
            a warning names it; its pixels count as scored 0 if there is a mask. `'stop'`:
            an error names it.
    """

    default_prefix = 'pix'

    def __init__(
        self,
        invalid: str = 'miss',
        collect_device: str = 'cpu',
        prefix: str | None = None,
    ) -> None:
        super().__init__(collect_device, prefix)
        self.problems = Problems(invalid)
        self.report: PixelReport | None = None

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Adds the histograms of a batch.

        Results hold one entry for each image, as collecting across processes expects,
        but all except the last are folded into the last but one: that last image alone
        may be the sampler's padding, which collecting cuts off.
        """
        for sample in data_samples:
            histogram = self._histogram(sample)
            if len(self.results) > 1:
                self.results[-1] = self.results[-1] + self.results[-2]
                self.results[-2] = 0
            self.results.append(histogram)

    def compute_metrics(self, results: list[np.ndarray | int]) -> dict[str, float]:
        total = sum(results)
        self.report = pixel_report(total[:, :-1])
        return dict(
            pxap=self.report.pxap,
            piou=self.report.piou,
            threshold=self.report.threshold,
            num_images=len(results),
            num_invalid=int(total[0, -1]),
        )

    def _histogram(self, sample: dict) -> np.ndarray:
        """``(2, B + 1)``, the last column counting images that cannot be judged."""
        maps = np.asarray(sample['pred_map'].cpu(), np.float32)
        one = maps[0] if maps.ndim == 3 and len(maps) == 1 else maps
        mask = np.squeeze(np.asarray(sample.get('gt_seg_map', ())))
        counts = np.zeros((2, len(EDGES) + 1), np.int64)
        problem = 'has no mask' if mask.size == 0 else mask_problem(one, mask)
        if problem:
            self.problems.report(sample, problem)
            counts[0, -1] = 1
            counts[:, 0] = (mask == 0).sum(), (mask == 1).sum()
        else:
            counts[:, :-1] = pixel_histogram(one, mask)
        return counts
