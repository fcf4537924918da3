"""InceptionV3 with a tap at 1/8 of the input and an output at 1/16."""

from mmpretrain.models import InceptionV3
from mmpretrain.registry import MODELS
from torch import Tensor

from mmwsol.models.backbones.tap import TapMixin, ignore_keys


@MODELS.register_module()
class TapInceptionV3(TapMixin, InceptionV3):
    """InceptionV3 padded to even grids, without classifier and auxiliary branch.

    The surgery of `BAS (CVPR 2022) <https://arxiv.org/abs/2112.00580>`_: padding in the
    first convolution and both pools, ``Mixed_6a`` with stride 1, ``Mixed_7a`` with
    padding. Parameters keep the host's names and shapes. For a 224 x 224 input the tap
    (``Mixed_6e``) is ``(N, 768, 28, 28)`` and the output ``(N, 2048, 14, 14)``.
    """

    def __init__(self, init_cfg: dict | list | None = None) -> None:
        kwargs = {} if init_cfg is None else dict(init_cfg=init_cfg)
        super().__init__(num_classes=1, aux_logits=False, **kwargs)
        del self.fc, self.dropout, self.avgpool
        ignore_keys(self, 'fc.', 'AuxLogits.')
        self.Conv2d_1a_3x3.conv.padding = (1, 1)
        for pool in (self.maxpool1, self.maxpool2):
            pool.padding, pool.ceil_mode = 1, True
        reductions = (
            (self.Mixed_6a, ('branch3x3', 'branch3x3dbl_3'), 1),
            (self.Mixed_7a, ('branch3x3_2', 'branch7x7x3_4'), 2),
        )
        for block, branches, stride in reductions:
            for layer in [getattr(block, name).conv for name in branches] + [
                block.branch_pool
            ]:
                layer.stride = (stride, stride)
                layer.padding = (1, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """``(N, 3, H, W)`` -> tap ``(N, 768, H/8, W/8)``, last ``(N, 2048, H/16, W/16)``."""
        x = self.Conv2d_2b_3x3(self.Conv2d_2a_3x3(self.Conv2d_1a_3x3(x)))
        x = self.Conv2d_4a_3x3(self.Conv2d_3b_1x1(self.maxpool1(x)))
        x = self.Mixed_5d(self.Mixed_5c(self.Mixed_5b(self.maxpool2(x))))
        x = self.Mixed_6a(x)
        x = self.Mixed_6e(self.Mixed_6d(self.Mixed_6c(self.Mixed_6b(x))))
        return x, self.tail(x)

    def tail(self, tap: Tensor) -> Tensor:
        """The blocks after the tap."""
        return self.Mixed_7c(self.Mixed_7b(self.Mixed_7a(tap)))
