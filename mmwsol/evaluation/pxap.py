"""Pixel metrics of weakly supervised localisation."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.logging import MMLogger
from mmpretrain.registry import METRICS

from mmwsol.evaluation.samples import (
    Problems,
    has_box_alone,
    map_of,
    maps_of,
    mask_of,
)
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
    evaluation. Of a model that predicts a box and no map there are no results.

    Of an image with several labels, or none, every label is judged as an image of its own:
    its map in ``pred_map (G, H, W)``, or the one map that knows no class, against the
    pixels where ``gt_seg_map`` has the label's place in ``gt_label``, from 1.
    ``pix/num_pairs`` counts labels.

    Args:
        invalid: The treatment of an image whose map or mask is missing or wrong. `'miss'`:
            a warning names it; its pixels count as scored 0 if there is a mask. `'stop'`:
            an error names it.
        no_mask: The treatment of an image without a mask: `'invalid'`, or `'skip'` where a data set
            has masks for some images only; then it counts nowhere.
    """

    default_prefix = 'pix'

    def __init__(
        self,
        invalid: str = 'miss',
        no_mask: str = 'invalid',
        collect_device: str = 'cpu',
        prefix: str | None = None,
    ) -> None:
        super().__init__(collect_device, prefix)
        if no_mask not in ('invalid', 'skip'):
            raise ValueError(
                f"Expected `no_mask` of PxAP to be 'invalid' or 'skip', but got {no_mask!r}."
            )
        self.no_mask = no_mask
        self.problems = Problems(invalid)
        self.report: PixelReport | None = None

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Adds the histograms of a batch.

        Results hold one entry for each image, as collecting across processes expects,
        but all except the last are folded into the last but one: that last image alone
        may be the sampler's padding, which collecting cuts off.
        """
        for sample in data_samples:
            if has_box_alone(sample):
                self.results.append(None)
                continue
            histogram = self._histogram(sample)
            if len(self.results) > 1:
                self.results[-1] = self.results[-1] + self.results[-2]
                self.results[-2] = 0
            self.results.append(histogram)

    def compute_metrics(
        self, results: list[np.ndarray | int | None]
    ) -> dict[str, float]:
        histograms = [own for own in results if own is not None]
        if len(histograms) < len(results):
            MMLogger.get_current_instance().warning(
                'PxAP judges maps, but the model predicts one box an image and no map: there '
                'are no pixel metrics.'
            )
            return {}
        total = np.asarray(sum(histograms))
        num_images, num_pairs = total[:, -2].tolist()
        if num_images == 0:  # all skipped
            return dict(num_images=0, num_invalid=0)
        self.report = pixel_report(total[:, : len(EDGES)])
        pairs = dict(num_pairs=num_pairs) if num_pairs != num_images else {}
        return dict(
            pxap=self.report.pxap,
            piou=self.report.piou,
            threshold=self.report.threshold,
            num_images=float(num_images),  # a log leaves whole numbers out
            num_invalid=float(total[0, -1]),
            **pairs,
        )

    def _histogram(self, sample: dict) -> np.ndarray:
        """``(2, B + 2)``: of scores, then numbers of images and pairs, of invalid pairs."""
        mask = np.squeeze(np.asarray(sample.get('gt_seg_map', ())))
        total = np.zeros((2, len(EDGES) + 2), np.int64)
        if mask.size == 0 and self.no_mask == 'skip':
            return total
        count = len(sample['gt_label']) if 'gt_label' in sample else 1
        maps = maps_of(sample, 'PxAP')
        total[:, -2] = 1, count
        for place in range(count):
            own, one = mask_of(mask, place, count), map_of(maps, place, count)
            problem = 'has no mask' if own.size == 0 else mask_problem(one, own)
            if problem:
                which = (
                    f' (label {int(sample["gt_label"][place])})' if count > 1 else ''
                )
                self.problems.report(sample, problem, which)
                total[0, -1] += 1
                total[:, 0] += (own == 0).sum(), (own == 1).sum()
            else:
                total[:, : len(EDGES)] += pixel_histogram(one, own)
        return total
