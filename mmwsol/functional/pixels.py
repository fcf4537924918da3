"""Maps against masks: pixel precision and recall, and IoU, over a whole data set.

`Evaluation for Weakly Supervised Object Localization: Protocol, Metrics, and Datasets
(TPAMI 2022) <https://arxiv.org/abs/2007.04178>`_. ``B`` bins of scores, 1001.
"""

from typing import NamedTuple

import numpy as np

from mmwsol.functional.checks import mask_problem
from mmwsol.functional.compiled import compiled
from mmwsol.functional.scores import THRESHOLDS

EDGES = np.append(THRESHOLDS, 1.0)
"""Lower edges of the bins: 0, 0.001, ..., 0.999, and one bin for scores of exactly 1."""


class PixelReport(NamedTuple):
    """Percentages over all pixels of all images."""

    pxap: float
    """Area under the curve of precision over recall."""
    piou: float
    """The highest IoU over thresholds."""
    threshold: float
    """The lowest threshold of that IoU."""
    precision: np.ndarray
    """Precision of the pixels at or above each edge ``(B,)``, 100 where there are none."""
    recall: np.ndarray
    """Their recall ``(B,)``."""


@compiled
def _histogram(scores: np.ndarray, mask: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """``(2, B)`` counts of scores off and on the object."""
    counts = np.zeros((2, len(edges)), np.int64)
    last = len(edges) - 1
    for i in range(len(scores)):
        if mask[i] == 255:
            continue
        score = np.float64(scores[i])
        bin_index = min(int(score * last), last)
        # scores are compared with the edges themselves: the product above may have been
        # rounded to the wrong side of one, by one bin at most
        if score < edges[bin_index]:
            bin_index -= 1
        elif bin_index < last and score >= edges[bin_index + 1]:
            bin_index += 1
        counts[1 if mask[i] else 0, bin_index] += 1
    return counts


def pixel_histogram(score_map: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Counts of scores off (0) and on (1) the object, ``(2, B)``.

    Args:
        score_map: The map, ``(H, W)`` in [0, 1].
        mask: The mask, ``(H, W)``, 0, 1, or 255 for pixels that do not count.

    Raises:
        ValueError: Map or mask is not one, or their shapes differ.

    >>> pixel_histogram(np.array([[0.0, 1.0]]), np.array([[0, 1]]))[:, [0, 1000]]
    array([[1, 0],
           [0, 1]])
    """
    problem = mask_problem(score_map, mask)
    if problem:
        raise ValueError(f'The image {problem}.')
    return _histogram(
        np.ascontiguousarray(score_map).ravel(),
        np.ascontiguousarray(mask, np.uint8).ravel(),
        EDGES,
    )


def pixel_report(counts: np.ndarray) -> PixelReport:
    """Metrics from the summed histograms of all images.

    Args:
        counts: The sum of the histograms, ``(2, B)``.

    Raises:
        ValueError: No pixel is on an object.
    """
    off, on = counts[:, ::-1].cumsum(1)  # at or above each edge, from the highest
    total = on[-1]
    if total == 0:
        raise ValueError('Expected pixels on an object in the masks, but got none.')
    found = on + off
    precision = np.where(found > 0, on / np.maximum(found, 1), 1.0)
    recall = on / total
    pxap = (precision * np.diff(recall, prepend=0.0)).sum()
    iou = on / (total + off)
    best = len(iou) - 1 - int(iou[::-1].argmax())  # the lowest threshold of equals
    return PixelReport(
        100 * float(pxap),
        100 * float(iou[best]),
        float(EDGES[::-1][best]),
        100 * precision[::-1],
        100 * recall[::-1],
    )
