"""Boxes of images as they are found, until they are written."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mmwsol.functional.overlap import without_overlaps


class FoundBox(NamedTuple):
    """A box and what it is worth."""

    box: tuple[float, float, float, float]
    """xyxy, pixels of the image as it is displayed, to a hundredth."""
    label: int
    score: float
    """What boxes are sorted by."""
    class_score: float
    map_score: float
    familiarity: float = 1.0
    """The third factor of the score."""


@dataclass
class FoundImage:
    """An image that could be read, and its boxes, best first."""

    name: str
    """The file below the folder of the images, with forward slashes."""
    file: str
    """The path that it was opened by."""
    size: tuple[int, int]
    """Height and width as it is displayed."""
    reason: str | None = None
    """Why there is no box."""
    every: list[FoundBox] = field(default_factory=list)
    """All boxes, of which better ones may cover some."""
    boxes: list[FoundBox] = field(default_factory=list)


class BoxCollection:
    """Collects results of :class:`LocInferencer`, which formats then write.

    Args:
        classes: Class names.
        root: The folder that names of images are relative to.
        info: A description of how the boxes were made.
        overlap: As for :func:`without_overlaps`, over all classes of an image.
    """

    def __init__(
        self,
        classes: Sequence[str] | range,
        root: str | os.PathLike = '',
        info: dict | None = None,
        overlap: float = 1.0,
    ) -> None:
        self.classes = [str(name) for name in classes]
        self.root = Path(root)
        self.info = info or {}
        self.overlap = overlap
        self.found: dict[str, FoundImage] = {}
        self.failed: list[dict[str, str]] = []

    @property
    def images(self) -> list[FoundImage]:
        """Images that could be read."""
        return [*self.found.values()]

    @property
    def num_boxes(self) -> int:
        """Boxes of all images."""
        return sum(len(image.boxes) for image in self.images)

    def add(self, result: dict, label: int | None = None) -> None:
        """Adds a result; several of one image share its entry.

        Args:
            result: A result of :meth:`LocInferencer.stream`.
            label: The class of the boxes; by default the one whose map it is, or else the
                predicted one.
        """
        name = self.name(result['image'])
        if 'error' in result:
            self.failed.append(dict(file_name=name, error=result['error']))
            return
        size = tuple(result['image_size'])
        image = FoundImage(name, str(result['image']), size)
        image = self.found.setdefault(name, image)
        image.reason = result['reason']
        label = class_of_boxes(result) if label is None else label
        class_score = float(result['class_score'])
        scores = zip(result['bbox_scores'], result['map_scores'])
        for box, (score, map_score) in zip(result['pred_bboxes'], scores):
            x0, y0, x1, y1 = (round(float(side), 2) for side in box)
            own = float(score), class_score, float(map_score), result['familiarity']
            image.every.append(FoundBox((x0, y0, x1, y1), int(label), *own))
        boxes = np.array([one.box for one in image.every]).reshape(-1, 4)
        order = np.array([one.score for one in image.every])
        kept = without_overlaps(boxes, order, self.overlap)
        image.boxes = [image.every[place] for place in kept]

    def name(self, image: str | int) -> str:
        """A file's name below the root; the whole path of a file elsewhere."""
        path = Path(str(image))
        if self.root.name and path.is_relative_to(self.root):
            return path.relative_to(self.root).as_posix()
        return path.as_posix()


def class_of_boxes(result: dict) -> int:
    """The class that the boxes of a result are of: whose map it is, or the predicted one."""
    own = result['map_label']
    return int(result['pred_label'] if own is None else own)
