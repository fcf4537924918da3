from mmwsol.deployment.agreement import Agreement, compare, map_contrast
from mmwsol.deployment.exportable import ExportableLocalizer, export_problem
from mmwsol.deployment.image_view import ImageView, image_size, swap_colors
from mmwsol.deployment.onnx_file import describe, open_session, to_onnx

__all__ = [
    'Agreement',
    'ExportableLocalizer',
    'ImageView',
    'compare',
    'describe',
    'export_problem',
    'image_size',
    'map_contrast',
    'open_session',
    'swap_colors',
    'to_onnx',
]
