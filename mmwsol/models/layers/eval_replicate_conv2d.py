"""A convolution that sees no zeros beyond the border once it is trained."""

import torch.nn.functional as F
from mmpretrain.registry import MODELS
from torch import Tensor, nn

from mmwsol.models.layers.map_generator import repeat_border


@MODELS.register_module()
class EvalReplicateConv2d(nn.Conv2d):
    """Pads with zeros in training and repeats the border in evaluation.

    Zeros beyond the border are a feature that no image has, and maps may show them as
    bright strips. Weights keep their names and shapes, so that
    ``model.backbone.conv_cfg=dict(type='EvalReplicateConv2d')`` fits every checkpoint of a
    ResNet, VGG or MobileNetV2, and can be tried on a model that is trained already. A
    frozen stage is always in evaluation.
    """

    def forward(self, x: Tensor) -> Tensor:
        """``(N, C, H, W)`` -> ``(N, C', H', W')``, on the grid that zeros give."""
        assert not isinstance(self.padding, str)  # backbones give numbers
        high, wide = self.padding
        if self.training or high == wide == 0:
            return super().forward(x)
        x = repeat_border(x, high, wide)
        return F.conv2d(
            x, self.weight, self.bias, self.stride, 0, self.dilation, self.groups
        )
