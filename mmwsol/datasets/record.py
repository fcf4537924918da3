"""One image of an official list, and what annotations make of it.

Annotations have the keys of OpenMMLab's: ``gt_label``, ``instances``, ``seg_map_path``.
``new_label`` gives a kept class its place among the kept.
"""

from pathlib import Path
from typing import NamedTuple

from mmwsol.io.images import image_problem


class Record(NamedTuple):
    """One image of an official list, before classes are selected."""

    path: str
    """Below the image folder."""
    label: int | tuple[int, ...]
    """From 0, in the order of the data set's own classes; a tuple where images can have
    several, or none."""
    boxes: tuple[tuple[float, float, float, float], ...] = ()
    """xyxy in pixels of the file; empty where boxes are not read."""
    is_train: bool = True
    box_labels: tuple[int, ...] = ()
    """Class of each box; empty where an image has one class."""
    masks: str | tuple[tuple[str, str], ...] = ()
    """Below ``data_root``: the file of a map whose pixels hold 1 + label, or, for each
    object, its mask's file and the file of what does not count ('' for none)."""
    difficult: tuple[int, ...] = ()
    """Classes that the image has only in objects too difficult to count."""

    @property
    def labels(self) -> tuple[int, ...]:
        """All labels, however many there are."""
        return self.label if isinstance(self.label, tuple) else (self.label,)


def label_info(record: Record, new_label: dict[int, int]) -> dict:
    """``gt_label``; where images can have several, a list, and ``gt_label_difficult``."""
    if not isinstance(record.label, tuple):
        return dict(gt_label=new_label[record.label])
    return dict(
        gt_label=_kept(record.labels, new_label),
        gt_label_difficult=_kept(record.difficult, new_label),
    )


def box_info(record: Record, new_label: dict[int, int]) -> dict:
    """``instances``: boxes of kept classes."""
    own = record.box_labels or record.labels * len(record.boxes)
    return dict(
        instances=[
            dict(bbox=list(box), bbox_label=new_label[label])
            for box, label in zip(record.boxes, own)
            if label in new_label
        ]
    )


def mask_info(record: Record, new_label: dict[int, int], root: Path) -> dict:
    """``seg_map_path``, and for a map of classes ``label_map``; nothing without masks.

    ``label_map`` leads from a pixel's value in the file to the place of its class among
    the image's labels, from 1, which is what ``gt_seg_map`` holds.
    """
    if not record.masks:
        return {}
    if isinstance(record.masks, str):
        kept = (label for label in record.labels if label in new_label)
        places = {label + 1: place for place, label in enumerate(kept, start=1)}
        return dict(seg_map_path=str(root / record.masks), label_map=places)
    pairs = [
        tuple(str(root / file) if file else '' for file in pair)
        for pair in record.masks
    ]
    return dict(seg_map_path=pairs)


def record_problem(info: dict, thorough: bool) -> str | None:
    """What is wrong with the file of an image, or with one of its masks.

    Args:
        info: With ``img_path``, and ``seg_map_path`` where masks are read.
        thorough: As for :func:`image_problem`.
    """
    problem = image_problem(info['img_path'], thorough)
    masks = info.get('seg_map_path', ())
    files = [masks] if isinstance(masks, str) else [f for pair in masks for f in pair]
    for file in filter(None, files):
        own = None if problem else image_problem(file, thorough)
        problem = problem or (own and f'has the mask {file}, which {own}')
    return problem


def _kept(labels: tuple[int, ...], new_label: dict[int, int]) -> list[int]:
    return [new_label[label] for label in labels if label in new_label]
