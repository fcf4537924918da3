"""What a handful of drawn boxes says of the boxes that were found."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from mmwsol.command import complain
from mmwsol.functional import THRESHOLDS, BoxRecord, Protocol, box_iou, box_record
from mmwsol.functional.share_right import (
    ShareRight,
    hits_of_boxes,
    leave_one_out,
    middle_of_best,
)
from mmwsol.io.box_files import read_box_file

IOU = 0.5
PROTOCOL = Protocol(clip=False, iou='continuous', truncate=False)
"""Boxes as a user draws them, whose edges lie between pixels."""


class DrawnBoxes:
    """Compares found boxes with drawn ones, at all thresholds.

    Args:
        boxes: The drawn boxes of each image, ``(B, 4)`` xyxy in its pixels, by its name.
    """

    def __init__(self, boxes: Mapping[str, Sequence[Sequence[float]]]) -> None:
        self.boxes = boxes
        self.found: list[bool] = []
        self.records: list[BoxRecord] = []

    @classmethod
    def read(
        cls, file: str, root: Path, classes: Mapping[str, str], unit: str | None
    ) -> 'DrawnBoxes':
        """Boxes of a file, as training reads them.

        Args:
            file: The file, named from here or from the folder of the images.
            root: The folder of the images.
            classes: The class of each image, by its name.
            unit: As for :func:`read_box_file`.

        Raises:
            OSError: There is no such file.
            ValueError: It has other images, or something else.
        """
        path = Path(file) if Path(file).is_file() else root / file
        if not path.is_file():
            raise FileNotFoundError(
                f'Expected a file with boxes for --drawn, but there is none at {file}.'
            )
        read = read_box_file(path, root, classes, unit)
        outside = [line for lines in read.outside.values() for line in lines]
        complain('About the drawn boxes', read.remarks)
        complain('Drawn boxes that leave their images', outside)
        return cls(read.boxes)

    def add(self, name: str, result: dict) -> None:
        """Compares the boxes of a result, if there are drawn ones of its image.

        Args:
            name: The name of the image.
            result: A result of :meth:`LocInferencer.stream`, best box first.
        """
        if 'error' in result or name not in self.boxes:
            return
        drawn = np.asarray(self.boxes[name], np.float64)
        best = np.asarray(result['pred_bboxes'])[:1]
        self.found.append(bool(len(best)) and box_iou(best, drawn).max() >= IOU)
        score_map, (height, width) = result['pred_map'], result['image_size']
        if score_map is None:
            return  # one box, whatever the threshold
        scale = np.array(score_map.shape[::-1] * 2) / (width, height, width, height)
        self.records.append(
            box_record(score_map, drawn * scale, 0, -1, PROTOCOL, (IOU,))
        )

    def summary(self, threshold: str) -> list[str]:
        """What share of the boxes is right, and with which threshold it would be larger.

        Args:
            threshold: The threshold that the boxes were found with.
        """
        if not self.found:
            return ['no image with a drawn box was looked at']
        now = ShareRight(sum(self.found), len(self.found))
        line = f'right by the drawn boxes, at IoU {IOU}: {now} (95 % interval)'
        if not self.records:
            return [line]
        lines = [f'{line}, with --threshold {threshold}']
        hits = hits_of_boxes(self.records, 0, 1)
        counts = hits.sum(0)
        best = middle_of_best(counts)
        if len(self.found) < 3 or counts[best] <= now.right:
            return lines
        honest, name = leave_one_out(hits), f'--threshold {THRESHOLDS[best]:.3g}'
        fits = f'{name} fits them best, {counts[best]} of {now.total}'
        advice = 'use it' if honest.right > now.right else 'which promises no more'
        return [
            *lines,
            f'{fits}; chosen without the image at hand, as for new ones, {honest}: {advice}',
        ]
