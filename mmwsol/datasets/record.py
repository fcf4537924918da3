"""One image of an official list, and its annotations in OpenMMLab's keys.

The keys are ``gt_label``, ``instances`` and ``seg_map_path``. Where some classes are kept,
``new_label`` leads from a class's place among all to its place among the kept.
"""

from pathlib import Path
from typing import NamedTuple

from mmengine.logging import MMLogger

from mmwsol.io.images import image_problem


class Record(NamedTuple):
    """One image of an official list, with labels that count all classes."""

    path: str
    """The path below the image folder."""
    label: int | tuple[int, ...]
    """The class, from 0 in the data set's own order; a tuple where images can have several,
    or none."""
    boxes: tuple[tuple[float, float, float, float], ...] = ()
    """True boxes, xyxy in pixels of the file; empty where boxes are not read."""
    is_train: bool = True
    """Whether the image is one of the training list."""
    box_labels: tuple[int, ...] = ()
    """The class of each box; empty where an image has one class."""
    masks: str | tuple[tuple[str, str], ...] = ()
    """Files below ``data_root``: that of a map whose pixels hold 1 + label, or, for each
    object, that of its mask and that of what does not count ('' for none)."""
    difficult: tuple[int, ...] = ()
    """Classes that the image has only in objects too difficult to count."""

    @property
    def labels(self) -> tuple[int, ...]:
        """All labels as a tuple, however many there are."""
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
        info: The annotation, with ``img_path``, and ``seg_map_path`` where masks are read.
        thorough: Whether files are decoded as well, instead of only looked for.
    """
    problem = image_problem(info['img_path'], thorough)
    masks = info.get('seg_map_path', ())
    files = [masks] if isinstance(masks, str) else [f for pair in masks for f in pair]
    for file in filter(None, files):
        own = None if problem else image_problem(file, thorough)
        problem = problem or (own and f'has the mask {file}, which {own}')
    return problem


def without_broken(data: list[dict], name: str, thorough: bool) -> list[dict]:
    """Annotations whose files can be used.

    Args:
        data: The annotations.
        name: The name of the data set.
        thorough: Whether all files are decoded, and the broken left out with a warning;
            else one that is missing is an error.
    """
    problems = {d['img_path']: record_problem(d, thorough) for d in data}
    broken = {path: problem for path, problem in problems.items() if problem}
    if broken and not thorough:
        path, problem = next(iter(broken.items()))
        raise FileNotFoundError(
            f'{len(broken)} of {len(data)} images of {name} cannot be used, '
            f"the first: {path} {problem}; complete the data or set `broken_images='skip'`."
        )
    if broken:
        listed = '; '.join(
            f'{path} {problem}' for path, problem in list(broken.items())[:10]
        )
        MMLogger.get_current_instance().warning(
            f'{name} skips {len(broken)} of {len(data)} images: {listed}'
        )
    return [d for d in data if d['img_path'] not in broken]


def _kept(labels: tuple[int, ...], new_label: dict[int, int]) -> list[int]:
    return [new_label[label] for label in labels if label in new_label]
