"""A result of an image, in its own pixels, from what a model predicts of it."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from mmpretrain.structures import DataSample

from mmwsol.apis.boxes_of_map import boxes_of_map, scaled_box
from mmwsol.functional import resize_maps


class Wanted(NamedTuple):
    """What is wanted of each image."""

    threshold: float | None
    """The share of a map's maximum above which it is the object; None for Otsu's."""
    boxes: str
    """`'largest'` or `'all'`."""
    smallest: float | Sequence[float]
    """The share of the image that a region of `'all'` needs, or one for each class."""
    full_size: bool
    """Whether maps have their image's size."""
    one_class: bool
    """Whether a map is that of one class."""
    labels_are_true: bool
    """Whether a sample's label is what the image shows; else it was merely asked for."""


def result_of_sample(
    sample: DataSample,
    size: tuple[int, int],
    seen: tuple[int, int],
    wanted: Wanted,
    classes: Sequence[str] | None,
) -> dict:
    """A result as :meth:`mmwsol.apis.LocInferencer.stream` describes it.

    Args:
        sample: The prediction.
        size: The height and width of the image.
        seen: The height and width of what the network saw of it.
        wanted: What is wanted of it.
        classes: The names of the classes, if they are known.
    """
    scores = sample.pred_score.float().cpu().numpy()
    label = int(scores.argmax())
    labelled = 'gt_label' in sample
    map_label = None
    if wanted.one_class:
        map_label = int(sample.gt_label[0]) if labelled else label
    own = label if map_label is None else map_label
    certain = wanted.labels_are_true and labelled
    class_score = 1.0 if certain else float(scores[own])
    familiarity = float(sample.get('pred_familiarity', 1.0))
    shown = activity = None
    if 'pred_map' in sample:
        score_map = sample.pred_map.float().cpu()
        activity = sample.pred_activity.float().cpu().numpy()
        smallest = float(np.broadcast_to(wanted.smallest, scores.shape)[own])
        found = boxes_of_map(
            score_map[0].numpy(),
            *(wanted.threshold, size, wanted.boxes, smallest, activity),
        )
        maps = score_map[:1]
        if wanted.full_size:
            maps = resize_maps(maps, size).clamp(0, 1)
        shown, reason = maps[0].numpy(), 'nothing above the threshold'
    else:
        found = scaled_box(sample.pred_bboxes.double().cpu().numpy(), seen, size)
        reason = 'its box holds nothing'
    return dict(
        image_size=size,
        pred_label=label,
        pred_class=str(classes[label] if classes else label),
        pred_score=float(scores[label]),
        pred_scores=scores,
        map_label=map_label,
        pred_map=shown,
        pred_bboxes=found.boxes,
        # how sure the class is says less about a box than the map does
        bbox_scores=familiarity * class_score**0.5 * found.map_scores,
        map_scores=found.map_scores,
        activity=activity,
        class_score=class_score,
        familiarity=familiarity,
        threshold=found.threshold,
        reason=None if len(found.boxes) else reason,
    )
