"""Box metrics of weakly supervised localisation, from one sweep over thresholds."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.logging import MMLogger
from mmpretrain.registry import METRICS

from mmwsol.evaluation.samples import (
    Problems,
    boxes_of,
    has_box_alone,
    map_of,
    maps_of,
    rank_of,
)
from mmwsol.functional import (
    BoxRecord,
    BoxReport,
    box_record,
    box_report,
    get_protocol,
    record_of_box,
)
from mmwsol.io.tuned_thresholds import tuned_for


@METRICS.register_module()
class MaxBoxAccV2(BaseMetric):
    """Localisation accuracy of maps: MaxBoxAccV2, MaxBoxAcc, GT-known, Top-1 and Top-5.

    `Evaluating Weakly Supervised Object Localization Methods Right (CVPR 2020)
    <https://arxiv.org/abs/2001.07437>`_. :func:`mmwsol.functional.box_report` lists the
    results, ``loc/maxboxacc_v2``, ``loc/gt_known`` and the rest, in percent;
    ``report`` has the accuracy at every threshold after an evaluation, ``records`` what
    it was made from.

    Where a model predicts one box and no map, ``pred_bboxes (1, 4)`` takes its place: GT-known,
    Top-1 and Top-5 at each IoU are those of the box, and what needs thresholds is not there.

    Reads ``pred_map``, ``pred_score``, ``gt_label`` and ``gt_bboxes`` of the samples; the
    map must be the true class's (``map_classes='gt'``) or know no class. Maps are judged
    as they come and not kept: two hundred bytes remain of an image.

    Of an image with several labels, or none, every label is judged as an image of its own:
    its map in ``pred_map (G, H, W)``, or the one map that knows no class, against the
    boxes that ``gt_bboxes_labels`` gives to it. Labels of the image are not counted in the
    rank of another. ``loc/num_pairs`` counts labels, ``average='class'`` is CorLoc's mean.

    Args:
        protocol: `'wsolevaluation'`, `'bas'` or `'paper'`; docs/protocols.md explains them.
        iou_thresholds: The IoUs a hit needs in MaxBoxAccV2; 0.5 must be among them.
        invalid: The treatment of an image whose map is not finite, not in [0, 1] or not
            one map ``(1, H, W)``, or that has no proper true box. `'miss'`: a warning
            names it, it counts as a miss, and ``loc/num_invalid`` counts such images.
            `'stop'`: an error names it.
        num_threads: The number of threads for the maps of a batch; by default this process's
            share of the cores, 8 at most.
        **options: Differences from the protocol, such as ``threshold='fixed=0.2'``, a
            number for short, or ``average='class'``; see
            :class:`mmwsol.functional.Protocol`.
    """

    default_prefix = 'loc'

    def __init__(
        self,
        protocol: str = 'wsolevaluation',
        iou_thresholds: Sequence[float] = (0.3, 0.5, 0.7),
        invalid: str = 'miss',
        num_threads: int | None = None,
        collect_device: str = 'cpu',
        prefix: str | None = None,
        **options: str | float | bool,
    ) -> None:
        super().__init__(collect_device, prefix)
        if isinstance(options.get('threshold'), float):
            options['threshold'] = f'fixed={options["threshold"]}'
        self.protocol = get_protocol(protocol, **options)
        if 0.5 not in iou_thresholds:
            raise ValueError(
                f'Expected 0.5 among `iou_thresholds` of MaxBoxAccV2, but got {iou_thresholds}.'
            )
        self.iou_thresholds = tuple(iou_thresholds)
        self.problems = Problems(invalid)
        self.num_threads = num_threads or _cores()
        self.report: BoxReport | None = None
        self.records: list[BoxRecord] = []

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Sweeps the maps of a batch; nothing of a map's size is kept."""
        with ThreadPoolExecutor(self.num_threads) as threads:
            judged = list(threads.map(self._records, data_samples))
        for sample, records in zip(data_samples, judged):
            for record in records:
                if record.problem:
                    which = f' (label {record.label})' if len(records) > 1 else ''
                    self.problems.report(sample, record.problem, which)
        # one entry an image, as collecting across processes expects
        self.results += [own[0] if len(own) == 1 else own for own in judged]

    def compute_metrics(
        self, results: list[BoxRecord | list[BoxRecord]]
    ) -> dict[str, float]:
        """Percentages from the kept bits of all images."""
        pairs = [own if isinstance(own, list) else [own] for own in results]
        # collecting across processes turns named tuples into plain ones
        records = [BoxRecord(*record) for own in pairs for record in own]
        self.records = records
        with_maps = any(record.has_map for record in records)
        tuned = tuned_for(self.protocol) if with_maps else {}
        self.report = box_report(records, self.protocol, self.iou_thresholds, tuned)
        metrics = self.report.metrics
        several = any(isinstance(own, list) for own in results)
        if several:
            metrics['num_images'] = float(len(results))
            metrics['num_pairs'] = float(len(records))
        if metrics['num_invalid']:
            MMLogger.get_current_instance().warning(
                f'{int(metrics["num_invalid"])} of {len(records)} '
                f'{"labels" if several else "images"} could not be judged and count as '
                'misses.'
            )
        return metrics

    def _records(self, sample: dict) -> list[BoxRecord]:
        """One record for each label."""
        labels = np.asarray(sample['gt_label'].cpu(), np.int64).tolist()
        boxes = np.asarray(sample.get('gt_bboxes', ()), np.float64)
        judge: Callable[..., BoxRecord]
        if has_box_alone(sample):
            judge, found = record_of_box, [np.asarray(sample['pred_bboxes'].cpu())]
            found *= len(labels)
        else:
            maps = maps_of(sample, 'MaxBoxAccV2')
            judge = box_record
            found = [map_of(maps, place, len(labels)) for place in range(len(labels))]
        return [
            judge(
                own,
                boxes_of(boxes, label, sample),
                label,
                rank_of(label, labels, sample),
                self.protocol,
                self.iou_thresholds,
            )
            for own, label in zip(found, labels)
        ]


def _cores() -> int:
    """This process's share of the cores, 8 at most."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else 1
    return max(1, min(8, cores // int(os.environ.get('LOCAL_WORLD_SIZE', 1))))
