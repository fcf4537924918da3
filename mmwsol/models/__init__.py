from mmwsol.models.backbones import TapInceptionV3, TapMobileNetV2, TapResNet, TapVGG
from mmwsol.models.heads import (
    ACoLHead,
    BASHead,
    BCAMHead,
    CAMHead,
    CREAMHead,
    DDTHead,
    EILHead,
    ISCHead,
    PNSCHead,
)
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
from mmwsol.models.map_makers import (
    PC1,
    BagCAMs,
    GradCAM,
    GradCAMPlusPlus,
    LayerCAM,
    MapMaker,
    ScoreCAM,
)
from mmwsol.models.necks import (
    ForegroundGenerator,
    HiddenConvs,
    SoftFusionNeck,
    TwinConvs,
)
from mmwsol.models.ten_crop import TenCropTTA

__all__ = [
    'ACoLHead',
    'ADL',
    'PC1',
    'BASHead',
    'BCAMHead',
    'BagCAMs',
    'CAMHead',
    'CREAMHead',
    'ConsistencyLoss',
    'DDTHead',
    'EILHead',
    'ForegroundGenerator',
    'GradCAM',
    'GradCAMPlusPlus',
    'HiddenConvs',
    'ISCHead',
    'InSampleAttention',
    'InSampleContrastLoss',
    'LayerCAM',
    'Localizer',
    'MapGenerator',
    'MapMaker',
    'PNSCHead',
    'PNSCLoss',
    'SoftFusionLoss',
    'SoftFusionNeck',
    'ScoreCAM',
    'StaggerLoss',
    'SuppressionLoss',
    'TapInceptionV3',
    'TapMobileNetV2',
    'TapResNet',
    'TapVGG',
    'TenCropTTA',
    'TwinConvs',
]
