"""Which boxes of a result are kept."""

from typing import NamedTuple

import numpy as np

from mmwsol.functional.overlap import without_overlaps
from mmwsol.io.formats.box_collection import class_of_boxes

STRANGE = 0.1
"""The familiarity below which it is the reason for a low score."""
PER_BOX = ('pred_bboxes', 'bbox_scores', 'map_scores')


class BoxSelection(NamedTuple):
    """What boxes have to be like, class by class."""

    lowest_score: np.ndarray
    """``(K,)``: the score that boxes of each class need."""
    overlap: float
    """The IoU with a better box of the image above which a box is left out."""

    def of(self, result: dict, label: int | None = None) -> dict:
        """A result with the boxes that are kept, best first, and the reason if none is.

        Args:
            result: A result of :meth:`LocInferencer.stream`.
            label: The class that the boxes are said to be of; by default that of the result.
        """
        if 'error' in result:
            return result
        own = class_of_boxes(result)
        label = own if label is None else label
        if label != own:
            result = _of_class(result, label)
        boxes, scores = np.asarray(result['pred_bboxes']), result['bbox_scores']
        order = without_overlaps(boxes, scores, self.overlap)
        lowest = self.lowest_score[label]
        kept = order[scores[order] >= lowest]
        reason = result['reason']
        if not len(kept) and len(boxes):
            reason = f'its best score, {scores.max():.3f}, is below {lowest:g}'
            if result['familiarity'] < STRANGE:
                reason = 'unlike the images of any class'
        parts = {key: np.asarray(result[key])[kept] for key in PER_BOX}
        return dict(result, reason=reason, **parts)


def _of_class(result: dict, label: int) -> dict:
    """A result whose boxes are those of a class that is certain."""
    scores = result['familiarity'] * np.asarray(result['map_scores'])
    return dict(result, class_score=1.0, bbox_scores=scores)
