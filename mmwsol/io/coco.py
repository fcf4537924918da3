"""Predicted boxes as a COCO file, which detection tool boxes load."""

import json
import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from mmwsol.io.atomic import write_atomic
from mmwsol.version import __version__

NO_LICENSE = 0
"""The id of the license that stands for none known."""


class CocoWriter:
    """Collects results of :class:`LocInferencer` and writes them in COCO's layout.

    All that COCO's own files have is there: ``info``, ``licenses``, ``images``,
    ``categories`` and ``annotations``, boxes xywh in the image's own pixels, and as polygons
    for tools that ask for a ``segmentation``. Their ``score`` is what they are sorted by;
    ``class_score`` and ``map_score`` are what it is made of. ``info`` says how they were made,
    and ``failed`` names the images that could not be read.

    Args:
        classes: Class names; category ids count from 1 in their order, as in COCO.
        root: The folder that file names are relative to.
        info: A description of how the boxes were made.
        lowest_score: The score below which boxes are left out.
    """

    def __init__(
        self,
        classes: Sequence[str] | range,
        root: str | os.PathLike = '',
        info: dict | None = None,
        lowest_score: float = 0.0,
    ) -> None:
        self.root = Path(root)
        self.lowest_score = lowest_score
        today = date.today()
        self.content: dict[str, Any] = dict(
            info=dict(
                dict(
                    year=today.year,
                    version=__version__,
                    description='boxes predicted by mmwsol',
                    contributor='mmwsol',
                    url='',
                    date_created=f'{today:%Y/%m/%d}',
                ),
                **(info or {}),
            ),
            licenses=[dict(id=NO_LICENSE, name='', url='')],
            images=[],
            categories=[
                dict(id=number, name=str(name), supercategory='')
                for number, name in enumerate(classes, start=1)
            ],
            annotations=[],
            failed=[],
        )
        self.image_ids: dict[str, int] = {}

    def add(self, result: dict, label: int | None = None) -> None:
        """Adds a result; several of one image share its entry.

        Args:
            result: A result of :meth:`LocInferencer.stream`.
            label: The class of the boxes; by default the one whose map it is, or else the
                predicted one.
        """
        name = self.name(result['image'])
        if 'error' in result:
            self.content['failed'].append(dict(file_name=name, error=result['error']))
            return
        if name not in self.image_ids:
            self.image_ids[name] = len(self.image_ids) + 1
            height, width = result['image_size']
            self.content['images'].append(
                dict(
                    id=self.image_ids[name],
                    file_name=name,
                    width=width,
                    height=height,
                    license=NO_LICENSE,
                    date_captured='',
                    coco_url='',
                    flickr_url='',
                )
            )
        if label is None:
            label = result['map_label']
        if label is None:
            label = result['pred_label']
        class_score = float(result['pred_scores'][label])
        for box, map_score in zip(result['pred_bboxes'], result['map_scores']):
            score = class_score * map_score
            if score < self.lowest_score:
                continue
            x0, y0, x1, y1 = (round(float(v), 2) for v in box)
            width, height = round(x1 - x0, 2), round(y1 - y0, 2)
            self.content['annotations'].append(
                dict(
                    id=len(self.content['annotations']) + 1,
                    image_id=self.image_ids[name],
                    category_id=int(label) + 1,
                    bbox=[x0, y0, width, height],
                    segmentation=[[x0, y0, x1, y0, x1, y1, x0, y1]],
                    area=round(width * height, 2),
                    iscrowd=0,
                    score=round(float(score), 5),
                    class_score=round(class_score, 5),
                    map_score=round(float(map_score), 5),
                )
            )

    def name(self, image: str | int) -> str:
        """A file's name below the root; the whole path of a file elsewhere."""
        path = Path(str(image))
        if self.root.name and path.is_relative_to(self.root):
            return path.relative_to(self.root).as_posix()
        return path.as_posix()

    def write(self, file: str | os.PathLike) -> None:
        """Writes the file; a file that was there is replaced as a whole or not at all."""
        write_atomic(file, json.dumps(self.content))
