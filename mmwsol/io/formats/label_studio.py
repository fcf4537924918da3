"""Boxes as Label Studio imports them, to be corrected by hand."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

from mmwsol.io.atomic import check_writable, write_atomic
from mmwsol.io.formats.box_collection import BoxCollection, FoundBox, FoundImage
from mmwsol.io.formats.box_format import BoxFormat
from mmwsol.io.formats.plain_names import class_names
from mmwsol.version import __version__

LOCAL_FILES = '/data/local-files/?d='
"""Where Label Studio serves a folder of its own machine."""
TASKS, INTERFACE = 'tasks.json', 'labeling_config.xml'
# of buckets, whose keys are taken as they are
_BUCKET = re.compile(r'(?!https?:)[\w-]+://')


class LabelStudioFormat(BoxFormat):
    """``tasks.json`` with a prediction for each image, and the labelling interface for them.

    Boxes are in percent, each with its score. A prediction's score is that of its worst box, 0
    without one, so that sorting by it puts first what is to be looked at.

    Args:
        url: What stands before the path of each image, such as ``s3://bucket/photos/``.
    """

    name = 'label-studio'

    def __init__(self, url: str = LOCAL_FILES) -> None:
        self.url = url if url.endswith(('/', '=')) else f'{url}/'

    def check(self, place: Path) -> None:
        check_writable(place / TASKS)
        check_writable(place / INTERFACE)

    def write(self, found: BoxCollection, place: Path) -> list[str]:
        classes = class_names(found.classes)
        config = Path(str(found.info.get('config', ''))).stem
        version = f'mmwsol {__version__} {config}'.strip()
        tasks = [
            self._task(number, image, classes, version)
            for number, image in enumerate(found.images, start=1)
        ]
        texts = {TASKS: json.dumps(tasks), INTERFACE: _interface(classes)}
        problems = []
        for file, text in texts.items():
            try:
                write_atomic(place / file, text)
            except OSError as error:
                problems.append(error.strerror or str(error))
        return problems

    def _task(
        self, number: int, image: FoundImage, classes: list[str], version: str
    ) -> dict[str, Any]:
        path = image.name.lstrip('/')
        if not _BUCKET.match(self.url):
            path = quote(path, errors='surrogateescape')
        results = [
            dict(id=f'{number}_{own_number}', **_region(one, image.size, classes))
            for own_number, one in enumerate(image.boxes, start=1)
        ]
        score = min((one.score for one in image.boxes), default=0.0)
        prediction = dict(model_version=version, score=round(score, 5), result=results)
        return dict(
            id=number, data=dict(image=self.url + path), predictions=[prediction]
        )


def _region(one: FoundBox, size: tuple[int, int], classes: list[str]) -> dict[str, Any]:
    height, width = size
    x0, y0, x1, y1 = one.box
    return dict(
        type='rectanglelabels',
        from_name='label',
        to_name='image',
        original_width=width,
        original_height=height,
        image_rotation=0,
        score=round(one.score, 5),
        value=dict(
            x=round(100 * x0 / width, 5),
            y=round(100 * y0 / height, 5),
            width=round(100 * (x1 - x0) / width, 5),
            height=round(100 * (y1 - y0) / height, 5),
            rotation=0,
            rectanglelabels=[classes[one.label]],
        ),
    )


def _interface(classes: list[str]) -> str:
    view = ElementTree.Element('View')
    ElementTree.SubElement(view, 'Image', name='image', value='$image')
    labels = ElementTree.SubElement(
        view, 'RectangleLabels', name='label', toName='image'
    )
    for name in classes:
        ElementTree.SubElement(labels, 'Label', value=name)
    ElementTree.indent(view)
    return ElementTree.tostring(view, encoding='unicode') + '\n'
