"""Boxes in Pascal VOC's layout, which labelling tools and older trainers read."""

import math
from pathlib import Path
from xml.etree import ElementTree

from mmwsol.io.formats.box_collection import BoxCollection, FoundBox, FoundImage
from mmwsol.io.formats.image_folder import ImageFolderFormat

TRAIN_LIST = 'ImageSets/Main/train.txt'


class VOCFormat(ImageFolderFormat):
    """``JPEGImages/``, ``Annotations/`` and a list of the images, as the devkit has them.

    Boxes are whole pixels, counted from 1, the last one included.
    """

    name = 'voc'
    image_folder = 'JPEGImages'
    annotation_folder = 'Annotations'
    ending = '.xml'

    def annotation(self, name: str, image: FoundImage, classes: list[str]) -> str:
        height, width = image.size
        root = ElementTree.Element('annotation')
        _add(root, folder=self.image_folder, filename=name)
        _add(ElementTree.SubElement(root, 'source'), database='mmwsol')
        size = ElementTree.SubElement(root, 'size')
        _add(size, width=width, height=height, depth=3)
        _add(root, segmented=0)
        for one in image.boxes:
            part = ElementTree.SubElement(root, 'object')
            _add(part, name=classes[one.label], pose='Unspecified')
            _add(part, truncated=0, difficult=0)
            corners = ElementTree.SubElement(part, 'bndbox')
            _add(corners, **whole_pixels(one, image.size))
        ElementTree.indent(root)
        return ElementTree.tostring(root, encoding='unicode') + '\n'

    def extra(
        self, found: BoxCollection, sources: dict[str, FoundImage]
    ) -> dict[str, str]:
        return {TRAIN_LIST: ''.join(f'{Path(name).stem}\n' for name in sources)}


def whole_pixels(one: FoundBox, size: tuple[int, int]) -> dict[str, int]:
    """The first and last pixel of a box, counted from 1.

    >>> whole_pixels(FoundBox((2.0, 3.0, 12.4, 8.0), 0, 1.0, 1.0, 1.0), (30, 40))
    {'xmin': 3, 'ymin': 4, 'xmax': 12, 'ymax': 8}
    """
    height, width = size
    x0, y0, x1, y1 = (math.floor(side + 0.5) for side in one.box)
    x0, y0 = min(x0, width - 1), min(y0, height - 1)
    x1, y1 = min(max(x1, x0 + 1), width), min(max(y1, y0 + 1), height)
    return dict(xmin=x0 + 1, ymin=y0 + 1, xmax=x1, ymax=y1)


def _add(parent: ElementTree.Element, **values: object) -> None:
    for name, value in values.items():
        ElementTree.SubElement(parent, name).text = str(value)
