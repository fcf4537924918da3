from mmwsol.functional.boxes import box_iou, contour_boxes
from mmwsol.functional.maps import minmax_normalize, resize_maps
from mmwsol.functional.scores import LEVELS, level_ious, level_of, threshold_of

__all__ = [
    'LEVELS',
    'box_iou',
    'contour_boxes',
    'level_ious',
    'level_of',
    'minmax_normalize',
    'resize_maps',
    'threshold_of',
]
