"""What evaluators read of a data sample, and what becomes of one that cannot be judged.

An image may have several labels. ``G`` labels of the image, ``M`` maps, ``K`` classes, ``B``
true boxes.
"""

import os
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.logging import MMLogger

from mmwsol.functional.checks import IGNORE
from mmwsol.io.map_folders import listed

BEST = 5
NAMED = 10
"""Images that warnings name; the rest are counted."""


class Problems:
    """Names images that cannot be judged, in warnings or in an error.

    Args:
        invalid: What happens to such an image: `'miss'` warns, up to ten times, `'stop'`
            raises.
    """

    def __init__(self, invalid: str) -> None:
        if invalid not in ('miss', 'stop'):
            raise ValueError(
                f"Expected `invalid` to be 'miss' or 'stop', but got {invalid!r}."
            )
        self.invalid = invalid
        self.named = 0

    def report(self, sample: dict, problem: str, which: str = '') -> None:
        """Names the image.

        Args:
            sample: The data sample, with ``img_path``.
            problem: The rest of the sentence that the name begins.
            which: A word after the name, where an image is judged more than once.
        """
        sentence = f'{sample.get("img_path", "An image")}{which} {problem}.'
        if self.invalid == 'stop':
            raise ValueError(sentence)
        self.named += 1
        if self.named <= NAMED:
            rest = ' Others are counted only.' if self.named == NAMED else ''
            MMLogger.get_current_instance().warning(
                f'{sentence} It counts as a miss.{rest}'
            )


def image_id(file: str, root: Path) -> str:
    """An image's path below the image folder; that of another image without what leads out."""
    path = Path(file)
    if root.name and path.is_relative_to(root):
        path = path.relative_to(root)
    # an id is below the folder of maps, wherever the image is
    parts = Path(os.path.normpath(path)).parts
    return listed('/'.join(part for part in parts if part not in ('/', '..')))


def one_label(sample: Any) -> None:
    """Refuses an image with several labels, or none, whose ranks five classes do not tell."""
    if 'gt_label' in sample and len(sample.get('gt_label')) != 1:
        raise ValueError(
            'Expected one class for each image where classes go into a file or come from one '
            f'(--save-labels, --labels-from), but {sample.get("img_path")} has '
            f'{len(sample.get("gt_label"))}.'
        )


def has_box_alone(sample: dict) -> bool:
    """Whether a model predicted a box of its own and no map."""
    return 'pred_map' not in sample and 'pred_bboxes' in sample


def maps_of(sample: dict, reader: str) -> np.ndarray:
    """The maps of an image, ``(M, H, W)`` float32.

    Args:
        sample: The data sample.
        reader: What needs them, for the error.

    Raises:
        ValueError: The model predicts a box of its own and no map.
    """
    if has_box_alone(sample):
        raise ValueError(
            f'Expected a model with maps for {reader}, but it predicts one box an image and '
            'no map.'
        )
    return np.asarray(sample['pred_map'].cpu(), np.float32)


def map_of(maps: np.ndarray, place: int, count: int) -> np.ndarray:
    """The map of a label.

    Args:
        maps: The image's maps, ``(M, H, W)``; with M = 1 the map of every label, with M = G
            one for each.
        place: The label's place among the image's.
        count: The number of the image's labels, G.

    Returns:
        ``(H, W)``, or `maps` itself if it is neither, for a check to name its shape.
    """
    if maps.ndim == 3 and len(maps) == 1:
        return maps[0]
    if count > 1 and maps.ndim == 3 and len(maps) == count:
        return maps[place]
    return maps


def boxes_of(boxes: np.ndarray, label: int, sample: dict) -> np.ndarray:
    """The true boxes of a label: all, unless ``gt_bboxes_labels`` says whose they are."""
    if 'gt_bboxes_labels' not in sample:
        return boxes
    return boxes[np.asarray(sample['gt_bboxes_labels']) == label]


def mask_of(mask: np.ndarray, place: int, count: int) -> np.ndarray:
    """The mask ``(H, W)`` of a label: 1 where the image's is ``place + 1``, and 0 or 255.

    An image's only mask is passed as it is, for a check to name what is wrong with it.
    """
    if count == 1:
        return mask
    return np.where(mask == IGNORE, IGNORE, mask == place + 1).astype(np.uint8)


def rank_of(label: int, labels: list[int], sample: dict) -> int:
    """The number of classes that the image does not have and that are scored above the label.

    -1 without ``pred_score (K,)``.
    """
    if 'pred_score' not in sample:
        return -1
    scores = sample['pred_score']
    above = scores > scores[label]
    if len(labels) > 1:
        above[labels] = False
    return int(above.sum())


def best_classes(label: int, labels: list[int], sample: dict) -> list[int]:
    """The five best scored classes, without the image's other labels, best first.

    Of equal scores the true class comes first, as a rank counts them. Empty without
    ``pred_score (K,)``.
    """
    if 'pred_score' not in sample:
        return []
    scores = np.asarray(sample['pred_score'].cpu(), np.float64)
    others = [other for other in labels if other != label]
    order = np.lexsort((np.arange(len(scores)) != label, -scores))
    return order[~np.isin(order, others)][:BEST].tolist()
