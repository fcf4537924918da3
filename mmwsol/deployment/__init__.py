from mmwsol.deployment.agreement import Agreement, compare, map_contrast
from mmwsol.deployment.onnx import (
    ExportableLocalizer,
    describe,
    export_problem,
    open_session,
    to_onnx,
)

__all__ = [
    'Agreement',
    'ExportableLocalizer',
    'compare',
    'describe',
    'export_problem',
    'map_contrast',
    'open_session',
    'to_onnx',
]
