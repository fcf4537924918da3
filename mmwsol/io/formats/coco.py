"""Boxes as COCO files, which detection tool boxes load."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from mmwsol.io.atomic import check_writable, write_atomic
from mmwsol.io.formats.box_collection import BoxCollection, FoundBox
from mmwsol.io.formats.box_format import BoxFormat
from mmwsol.version import __version__

NO_LICENSE = 0
"""The id of the license that stands for none known."""


class CocoFormat(BoxFormat):
    """Annotations in COCO's layout, and the results list that pycocotools scores.

    All that COCO's own files have is there: ``info``, ``licenses``, ``images``,
    ``categories`` and ``annotations``, boxes xywh in the image's own pixels, and as polygons
    for tools that ask for a ``segmentation``. Category ids count from 1. Their ``score`` is
    what they are sorted by, made of ``class_score``, ``map_score`` and ``familiarity``.
    ``info`` says how they were made, and ``failed`` names the images that could not be read;
    an image without a box has the ``reason``.

    Args:
        results_name: The name of the results list, beside the annotations; by default that of
            the annotations with ``_results`` at its end.
    """

    name = 'coco'

    def __init__(self, results_name: str | None = None) -> None:
        self.results_name = results_name

    def check(self, place: Path) -> None:
        check_writable(place)
        check_writable(self.results_file(place))

    def write(self, found: BoxCollection, place: Path) -> list[str]:
        content = coco_content(found)
        keys = 'image_id', 'category_id', 'bbox', 'score'
        results = [{key: own[key] for key in keys} for own in content['annotations']]
        problems = []
        for file, part in ((place, content), (self.results_file(place), results)):
            try:
                write_atomic(file, json.dumps(part))
            except OSError as error:
                problems.append(error.strerror or str(error))
        return problems

    def results_file(self, place: Path) -> Path:
        """Where the results list of a file of annotations is."""
        return place.with_name(self.results_name or f'{place.stem}_results.json')


def coco_content(found: BoxCollection) -> dict[str, Any]:
    """Boxes in COCO's layout."""
    today = date.today()
    about = dict(
        year=today.year,
        version=__version__,
        description='boxes predicted by mmwsol',
        contributor='mmwsol',
        url='',
        date_created=f'{today:%Y/%m/%d}',
    )
    return dict(
        info={**about, **found.info},
        licenses=[dict(id=NO_LICENSE, name='', url='')],
        images=[
            dict(
                id=number,
                file_name=image.name,
                width=image.size[1],
                height=image.size[0],
                license=NO_LICENSE,
                date_captured='',
                coco_url='',
                flickr_url='',
                **({} if image.boxes else dict(reason=image.reason)),
            )
            for number, image in enumerate(found.images, start=1)
        ],
        categories=[
            dict(id=number, name=name, supercategory='')
            for number, name in enumerate(found.classes, start=1)
        ],
        annotations=[*_annotations(found)],
        failed=found.failed,
    )


def _annotations(found: BoxCollection) -> Iterator[dict[str, Any]]:
    boxes = (
        (number, one)
        for number, image in enumerate(found.images, start=1)
        for one in image.boxes
    )
    for own_number, (number, one) in enumerate(boxes, start=1):
        yield dict(id=own_number, image_id=number, **_annotation(one))


def _annotation(one: FoundBox) -> dict[str, Any]:
    x0, y0, x1, y1 = one.box
    width, height = round(x1 - x0, 2), round(y1 - y0, 2)
    return dict(
        category_id=one.label + 1,
        bbox=[x0, y0, width, height],
        segmentation=[[x0, y0, x1, y0, x1, y1, x0, y1]],
        area=round(width * height, 2),
        iscrowd=0,
        score=round(one.score, 5),
        class_score=round(one.class_score, 5),
        map_score=round(one.map_score, 5),
        familiarity=round(one.familiarity, 5),
    )
