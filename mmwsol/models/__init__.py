from mmwsol.models.backbones import TapInceptionV3, TapMobileNetV2, TapResNet, TapVGG
from mmwsol.models.heads import CAMHead, PNSCHead
from mmwsol.models.layers import MapGenerator
from mmwsol.models.localizer import Localizer
from mmwsol.models.losses import PNSCLoss, SoftFusionLoss
from mmwsol.models.necks import HiddenConvs, SoftFusionNeck
from mmwsol.models.ten_crop import TenCropTTA

__all__ = [
    'CAMHead',
    'HiddenConvs',
    'Localizer',
    'MapGenerator',
    'PNSCHead',
    'PNSCLoss',
    'SoftFusionLoss',
    'SoftFusionNeck',
    'TapInceptionV3',
    'TapMobileNetV2',
    'TapResNet',
    'TapVGG',
    'TenCropTTA',
]
