"""Boxes as trainers of YOLO read them."""

import yaml

from mmwsol.io.formats.box_collection import BoxCollection, FoundBox, FoundImage
from mmwsol.io.formats.image_folder import ImageFolderFormat
from mmwsol.io.formats.plain_names import class_names


class YOLOFormat(ImageFolderFormat):
    """``images/``, ``labels/`` and ``data.yaml``, as Ultralytics has them.

    A line for each box, ``class cx cy w h`` in shares of the image, without a score, which
    trainers would take for something else. An image without a box has an empty file.
    """

    name = 'yolo'
    image_folder = 'images'
    annotation_folder = 'labels'
    ending = '.txt'

    def annotation(self, name: str, image: FoundImage, classes: list[str]) -> str:
        return ''.join(_line(one, image.size) for one in image.boxes)

    def extra(
        self, found: BoxCollection, sources: dict[str, FoundImage]
    ) -> dict[str, str]:
        names = class_names(found.classes)
        # without a `path`, folders are beside the file, wherever it is moved
        content = dict(train='images', val='images', nc=len(names), names=names)
        text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=1000)
        return {'data.yaml': text}


def _line(one: FoundBox, size: tuple[int, int]) -> str:
    height, width = size
    x0, y0, x1, y1 = one.box
    center = (x0 + x1) / 2 / width, (y0 + y1) / 2 / height
    sides = *center, (x1 - x0) / width, (y1 - y0) / height
    return f'{one.label} {" ".join(f"{min(1.0, side):.7f}" for side in sides)}\n'
