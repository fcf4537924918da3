"""Boxes of a map in the pixels of the image it was made from."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from mmwsol.functional import (
    largest_contour_box,
    map_regions,
    otsu_threshold,
    resize_maps,
)
from mmwsol.functional.box_scores import box_scores
from mmwsol.io.tuned_thresholds import tuned_metrics

BOXES = ('largest', 'all')
THINNEST = 0.02
"""Pixels."""


class FoundBoxes(NamedTuple):
    """Boxes of a map."""

    boxes: np.ndarray
    """``(B, 4)`` float64, xyxy in pixels of the image."""
    map_scores: np.ndarray
    """``(B,)`` in [0, 1], how far map and features let each box be trusted."""
    threshold: float | None
    """The share of its maximum above which the map is foreground; None of a box without map."""


def threshold_of(threshold: float | str | Path) -> float | None:
    """A threshold as a user names it: a number, a file of metrics, or None for Otsu's.

    Raises:
        FileNotFoundError: Neither a number, nor `'otsu'`, nor a file.
        ValueError: Out of [0, 1), or a file without a threshold chosen on its images.
    """
    if isinstance(threshold, Path):
        threshold = str(threshold)
    if threshold == 'otsu':
        return None
    try:
        number = float(threshold)
    except ValueError:
        tuned = tuned_metrics(str(threshold))
        if 'threshold' not in tuned:
            raise ValueError(
                f"Expected 'threshold' among the metrics in {threshold}, but got "
                f'{[*tuned][:3]}; write it with tools/test.py --out.'
            ) from None
        return float(tuned['threshold'])
    if not 0 <= number < 1:
        raise ValueError(
            "Expected `threshold` in [0, 1), 'otsu' or a JSON file of tools/test.py --out, "
            f'but got {threshold!r}.'
        )
    return number


def scaled_box(
    box: np.ndarray, seen: tuple[int, int], size: tuple[int, int]
) -> FoundBoxes:
    """The box of a model that makes no map, in the pixels of the image.

    Args:
        box: ``(1, 4)`` xyxy in pixels of the network's input.
        seen: The height and width of that input.
        size: The height and width of the image.
    """
    scale = np.array([size[1] / seen[1], size[0] / seen[0]] * 2)
    found = box * scale
    # of a box thinner than what files write of one, nothing would be left
    found = found[(found[:, 2:] - found[:, :2] >= THINNEST).all(1)]
    return FoundBoxes(found, np.ones(len(found)), None)


def boxes_of_map(
    score_map: np.ndarray,
    threshold: float | None,
    size: tuple[int, int],
    boxes: str = 'largest',
    smallest: float = 0.0,
    activity: np.ndarray | None = None,
) -> FoundBoxes:
    """Boxes of a map, as the evaluation finds them, scaled to the image, best first.

    Args:
        score_map: ``(h, w)`` in [0, 1], at the network's input size.
        threshold: A number in [0, 1), or None for Otsu's.
        size: The height and width of the image.
        boxes: `'largest'`, the one that GT-known Loc judges, or `'all'`.
        smallest: The share of the map that a region of `'all'` needs.
        activity: The activity of the features behind the map, ``(h', w')``; scores without
            it are of the map alone.
    """
    if threshold is None:
        threshold = otsu_threshold(score_map)

    def find(level: float) -> np.ndarray:
        if boxes == 'all':
            return map_regions(score_map, level, smallest).boxes
        return largest_contour_box(score_map, level)

    found = find(threshold)
    if activity is not None:
        grid = torch.from_numpy(activity)[None]
        activity = resize_maps(grid, score_map.shape)[0].numpy()
    scores = box_scores(score_map, found, threshold, find, activity)
    order = np.argsort(-scores, kind='stable')
    height, width = score_map.shape
    scale = np.array([size[1] / width, size[0] / height] * 2)
    return FoundBoxes(found[order] * scale, scores[order], threshold)
