from mmwsol.models.backbones.inception_v3 import TapInceptionV3
from mmwsol.models.backbones.mobilenet_v2 import TapMobileNetV2
from mmwsol.models.backbones.resnet import TapResNet
from mmwsol.models.backbones.vgg import TapVGG

__all__ = ['TapInceptionV3', 'TapMobileNetV2', 'TapResNet', 'TapVGG']
