from mmwsol.models.backbones import TapInceptionV3, TapMobileNetV2, TapResNet, TapVGG
from mmwsol.models.heads import BASHead, BCAMHead, CAMHead, DDTHead, ISCHead, PNSCHead
from mmwsol.models.layers import ADL, InSampleAttention, MapGenerator
from mmwsol.models.localizer import Localizer
from mmwsol.models.losses import (
    ConsistencyLoss,
    InSampleContrastLoss,
    PNSCLoss,
    SoftFusionLoss,
    StaggerLoss,
    SuppressionLoss,
)
from mmwsol.models.necks import ForegroundGenerator, HiddenConvs, SoftFusionNeck
from mmwsol.models.ten_crop import TenCropTTA

__all__ = [
    'ADL',
    'BASHead',
    'BCAMHead',
    'CAMHead',
    'ConsistencyLoss',
    'DDTHead',
    'ForegroundGenerator',
    'HiddenConvs',
    'ISCHead',
    'InSampleAttention',
    'InSampleContrastLoss',
    'Localizer',
    'MapGenerator',
    'PNSCHead',
    'PNSCLoss',
    'SoftFusionLoss',
    'SoftFusionNeck',
    'StaggerLoss',
    'SuppressionLoss',
    'TapInceptionV3',
    'TapMobileNetV2',
    'TapResNet',
    'TapVGG',
    'TenCropTTA',
]
