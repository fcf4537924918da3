from mmwsol.models.necks.foreground_generator import ForegroundGenerator
from mmwsol.models.necks.hidden_convs import HiddenConvs
from mmwsol.models.necks.map_neck import MapNeck
from mmwsol.models.necks.soft_fusion_neck import SoftFusionNeck
from mmwsol.models.necks.twin_convs import TwinConvs

__all__ = [
    'ForegroundGenerator',
    'HiddenConvs',
    'MapNeck',
    'SoftFusionNeck',
    'TwinConvs',
]
