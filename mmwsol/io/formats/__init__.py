"""Boxes as files that other programs read."""

from mmwsol.io.formats.box_collection import BoxCollection
from mmwsol.io.formats.box_format import BoxFormat
from mmwsol.io.formats.coco import CocoFormat
from mmwsol.io.formats.label_studio import LabelStudioFormat
from mmwsol.io.formats.voc import VOCFormat
from mmwsol.io.formats.yolo import YOLOFormat

__all__ = [
    'BoxCollection',
    'BoxFormat',
    'CocoFormat',
    'LabelStudioFormat',
    'VOCFormat',
    'YOLOFormat',
]
