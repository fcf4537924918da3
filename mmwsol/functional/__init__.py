from mmwsol.functional.box_report import BoxReport, box_report
from mmwsol.functional.boxes import box_iou, foreground, map_boxes
from mmwsol.functional.checks import mask_problem
from mmwsol.functional.contours.components import Components, trace_components
from mmwsol.functional.contours.landscape import LEVELS
from mmwsol.functional.maps import minmax_normalize, resize_maps, to_grid
from mmwsol.functional.pixels import (
    PixelReport,
    pixel_histogram,
    pixel_report,
)
from mmwsol.functional.protocol import PROTOCOLS, Protocol, get_protocol
from mmwsol.functional.regions import (
    Regions,
    largest_contour_box,
    map_regions,
    otsu_threshold,
)
from mmwsol.functional.scores import (
    THRESHOLDS,
    BoxRecord,
    box_record,
    level_ious,
    level_of,
    record_of_box,
)

__all__ = [
    'LEVELS',
    'PROTOCOLS',
    'THRESHOLDS',
    'BoxRecord',
    'BoxReport',
    'Components',
    'PixelReport',
    'Protocol',
    'Regions',
    'box_iou',
    'box_record',
    'box_report',
    'foreground',
    'get_protocol',
    'largest_contour_box',
    'level_ious',
    'level_of',
    'map_boxes',
    'map_regions',
    'mask_problem',
    'minmax_normalize',
    'otsu_threshold',
    'pixel_histogram',
    'pixel_report',
    'record_of_box',
    'resize_maps',
    'to_grid',
    'trace_components',
]
