"""Accuracies of all images at all thresholds, and what papers quote of them.

``T`` thresholds (1000), ``D`` IoUs a hit needs, ``N`` images.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from mmwsol.functional.contours.landscape import LEVELS
from mmwsol.functional.protocol import Protocol, parse_threshold
from mmwsol.functional.scores import THRESHOLDS, BoxRecord, level_of

TOP = (1, 5)
CHUNK = 4096
"""Images whose bits are unpacked at a time."""


@dataclass(frozen=True)
class BoxReport:
    """Localisation accuracies of a set of images."""

    metrics: dict[str, float]
    """Percentages by name, as :func:`box_report` lists them."""
    curves: dict[str, list[float]]
    """Accuracy in percent at each of the 1000 thresholds, by name."""
    protocol: Protocol

    def to_dict(self) -> dict:
        """Everything, ready for JSON; without curves there are no thresholds either."""
        known = dict(metrics=self.metrics, protocol=asdict(self.protocol))
        if not self.curves:
            return known
        return dict(
            **known, thresholds=THRESHOLDS.round(3).tolist(), curves=self.curves
        )


def box_report(
    records: Sequence[BoxRecord],
    protocol: Protocol,
    iou_thresholds: Sequence[float] = (0.3, 0.5, 0.7),
    tuned: Mapping[str, float] | None = None,
) -> BoxReport:
    """Percentages over images, with all thresholds from the same records.

    * ``maxboxacc_v2``: all contours; mean over IoUs of the best accuracy over thresholds,
      a threshold for each IoU, whatever the protocol's choice.
    * ``maxboxacc``: the protocol's box, IoU 0.5, best accuracy over thresholds.
    * ``gt_known``, ``top1``, ``top5``: the protocol's box at IoU 0.5 and the threshold of
      the protocol's choice, ``threshold``; for the last two the true class must also be
      among the 1 or 5 best scored.
    * ``boxacc_v2``: all contours at the thresholds of the protocol's choice, mean over
      IoUs; only if that is not the oracle's.
    * the same with ``_iou30`` and so on for each IoU, and ``threshold_v2_iou30``, the
      (first) threshold at which ``maxboxacc_v2_iou30`` sits.
    * ``num_images``, and ``num_invalid`` of them that count as misses because map or
      boxes could not be judged.

    Of boxes that come without maps there are no thresholds, and so nothing but ``gt_known``,
    ``top1``, ``top5``, the same at each IoU, and the counts.

    Args:
        records: The records of all images, in any order.
        protocol: The protocol that the records were made by.
        iou_thresholds: The IoUs that the records were made for.
        tuned: Metrics of the split that thresholds were chosen on, for
            ``threshold='from_split=FILE'``; ``mmwsol.io.tuned_thresholds`` reads them.
    """
    if not records:
        raise ValueError('Expected at least one image to evaluate, but got none.')
    have_maps = {record.has_map for record in records}
    if len(have_maps) > 1:
        raise ValueError(
            'Expected maps of all images, or boxes of all, but got maps of some and boxes of '
            'others.'
        )
    every, known, top = _accuracies(records, protocol, len(iou_thresholds))
    if have_maps == {False}:
        found = _of_boxes(
            known[:, 0], {k: own[:, 0] for k, own in top.items()}, iou_thresholds
        )
        return BoxReport(found | _counts(records), {}, protocol)
    chosen = _Chosen(protocol.threshold, tuned or {})
    metrics: dict[str, float] = {}
    curves: dict[str, list[float]] = {}
    for d, iou in enumerate(iou_thresholds):
        end = iou_name(iou)
        at = chosen.index(f'threshold_{end}', known[d])
        at_v2 = chosen.index(f'threshold_v2_{end}', every[d])
        metrics[f'maxboxacc_v2_{end}'] = every[d].max()
        metrics[f'maxboxacc_{end}'] = known[d].max()
        metrics[f'gt_known_{end}'] = known[d, at]
        for k in top:
            metrics[f'top{k}_{end}'] = top[k][d, at]
        if chosen.kind != 'oracle':
            metrics[f'boxacc_v2_{end}'] = every[d, at_v2]
        metrics[f'threshold_v2_{end}'] = THRESHOLDS[at_v2]
        metrics[f'threshold_{end}'] = THRESHOLDS[at]
        curves[f'v2_{end}'] = every[d].tolist()
        curves[f'gt_known_{end}'] = known[d].tolist()
        curves |= {f'top{k}_{end}': top[k][d].tolist() for k in top}
    main: dict[str, float] = {}
    for name in ('maxboxacc_v2', 'boxacc_v2'):
        parts = [f'{name}_{iou_name(iou)}' for iou in iou_thresholds]
        if metrics.keys() >= {*parts}:
            main[name] = float(np.mean([metrics[part] for part in parts]))
    names = ('maxboxacc', 'gt_known', *(f'top{k}' for k in top), 'threshold')
    if 0.5 in iou_thresholds:
        main |= {name: metrics[f'{name}_{iou_name(0.5)}'] for name in names}
    main |= _counts(records)
    metrics = {name: float(value) for name, value in (main | metrics).items()}
    return BoxReport(metrics, curves, protocol)


def _of_boxes(
    known: np.ndarray, top: dict[int, np.ndarray], iou_thresholds: Sequence[float]
) -> dict[str, float]:
    """Percentages ``(D,)`` of boxes without thresholds by name, those at IoU 0.5 first."""
    columns = dict(gt_known=known) | {f'top{k}': own for k, own in top.items()}
    metrics = {
        f'{name}_{iou_name(iou)}': float(own[d])
        for d, iou in enumerate(iou_thresholds)
        for name, own in columns.items()
    }
    half = {name: metrics.get(f'{name}_{iou_name(0.5)}') for name in columns}
    return {name: own for name, own in half.items() if own is not None} | metrics


def _counts(records: Sequence[BoxRecord]) -> dict[str, float]:
    invalid = sum(bool(record.problem) for record in records)
    return dict(num_images=float(len(records)), num_invalid=float(invalid))


def iou_name(iou: float) -> str:
    """The end of a metric's name.

    >>> iou_name(0.5), iou_name(0.75)
    ('iou50', 'iou75')
    """
    return f'iou{100 * iou:g}'


class _Chosen:
    """Indices of thresholds, chosen as a protocol says."""

    def __init__(self, threshold: str, tuned: Mapping[str, float]) -> None:
        self.kind, self.value = parse_threshold(threshold)
        self.tuned = tuned

    def index(self, name: str, accuracy: np.ndarray) -> int:
        value = self.value
        if value is None:  # the oracle's
            return int(accuracy.argmax())
        if isinstance(value, str):
            if name not in self.tuned:
                raise ValueError(
                    f'Expected {name!r} among the metrics in {self.value}, the file that '
                    '`threshold` names; write it with the same IoU thresholds.'
                )
            value = self.tuned[name]
        # the last published threshold that is not above the value
        return int(np.searchsorted(THRESHOLDS, value + 1e-9, 'right')) - 1


def _accuracies(
    records: Sequence[BoxRecord], protocol: Protocol, count: int
) -> tuple[np.ndarray, np.ndarray, dict[int, np.ndarray]]:
    """Percent at each IoU and threshold ``(D, T)``: all contours, the box, top k.

    Whole numbers are summed, so that order and shards of the images change nothing.
    """
    labels = np.array([r.label for r in records])
    ranks = np.array([r.rank for r in records])
    scales = np.array([(r.peak, r.whole) for r in records])
    known_ranks = bool((ranks >= 0).all())
    groups, group = np.unique(labels, return_inverse=True)
    if protocol.average == 'image':
        groups, group = groups[:1], np.zeros(len(records), np.int64)
    kinds = 2 + (len(TOP) if known_ranks else 0)
    sums = np.zeros((len(groups), kinds, count, len(THRESHOLDS)), np.int64)
    # one for all but unnormalised maps and shares of a percentile
    for scale in np.unique(scales, axis=0):
        highest, own = (level_of(THRESHOLDS, whole) for whole in scale)
        columns = np.stack([highest, *[own] * (kinds - 1)])[:, None]
        alike = np.flatnonzero((scales == scale).all(1))
        for g in np.unique(group[alike]):
            chosen = alike[group[alike] == g]
            for start in range(0, len(chosen), CHUNK):
                part = chosen[start : start + CHUNK]
                hits = unpack_hits([records[i].hits for i in part], count)
                weights = [(ranks[part] < k) for k in TOP] if known_ranks else []
                box = [hits[w, 1].sum(0, dtype=np.int64) for w in weights]
                total = [*hits.sum(0, dtype=np.int64), *box]
                sums[g] += np.take_along_axis(np.stack(total), columns, 2)
    sizes = np.bincount(group, minlength=len(groups))[:, None, None, None]
    mean = 100 * (sums / sizes).mean(0)
    top = {k: mean[2 + i] for i, k in enumerate(TOP)} if known_ranks else {}
    return mean[0], mean[1], top


def unpack_hits(packed: list[bytes], count: int) -> np.ndarray:
    """Bits of records, ``(N, 2, D, 255)`` of 0 and 1."""
    rows = np.frombuffer(b''.join(packed), np.uint8).reshape(len(packed), -1)
    bits = np.unpackbits(rows, axis=1, count=2 * count * LEVELS)
    return bits.reshape(len(packed), 2, count, LEVELS)
