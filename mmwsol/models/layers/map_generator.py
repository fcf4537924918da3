"""Foreground maps from features.

Shapes: ``N`` images, ``C`` channels, ``K`` maps per image, ``M`` of them asked for.
"""

from typing import Literal, get_args

import torch.nn.functional as F
from torch import Tensor, nn

PaddingMode = Literal['zeros', 'replicate']


class MapGenerator(nn.Conv2d):
    """A 3 x 3 convolution and a sigmoid: ``K`` foreground maps in [0, 1].

    The maps asked for can be named, and only those are computed: with 200 classes and
    one map an image that is 1/200 of the convolution.

    Args:
        in_channels: ``C``.
        num_maps: ``K``, the number of classes, or 1 for a map that knows no class.
        normalize: Whether each channel is brought to mean 0 and variance 1 before, by
            batch normalization without parameters. Convolutions of either features make
            the same maps; training differs: features after a ReLU have a mean, and where
            it is large one step opens or closes a whole map.
        padding_mode: What is beyond the border. `'zeros'` are a feature that no image has,
            and may draw a strip along the border; `'replicate'` repeats the image's own.
    """

    bias: nn.Parameter

    def __init__(
        self,
        in_channels: int,
        num_maps: int,
        normalize: bool = False,
        padding_mode: PaddingMode = 'zeros',
    ) -> None:
        if padding_mode not in get_args(PaddingMode):
            raise ValueError(
                'Expected `model.neck.padding_mode` to be one of '
                f'{get_args(PaddingMode)}, but got {padding_mode!r}.'
            )
        super().__init__(
            in_channels, num_maps, kernel_size=3, padding=1, padding_mode=padding_mode
        )
        nn.init.normal_(self.weight, std=0.01)
        nn.init.zeros_(self.bias)
        self.norm = (
            nn.BatchNorm2d(in_channels, affine=False) if normalize else nn.Identity()
        )

    def forward(self, feat: Tensor, classes: Tensor | None = None) -> Tensor:
        """Maps of the given classes.

        Args:
            feat: ``(N, C, h, w)``.
            classes: ``(N, M)`` indices below ``K``, or None for all ``K`` maps.

        Returns:
            ``(N, M, h, w)`` in [0, 1].
        """
        feat = self.norm(feat)
        if self.out_channels == 1 or classes is None:
            return super().forward(feat).sigmoid()
        beyond = self.padding_mode != 'zeros'  # zeros add nothing, and cost nothing
        if beyond:
            feat = F.pad(feat, (1, 1, 1, 1), self.padding_mode)
        kernels = self.weight[classes].flatten(3)  # (N, M, C, 9)
        # Each kernel position is a weighted sum over channels, a matrix product; the
        # nine partial maps are then shifted and added. `fold` shifts the other way
        # round than a convolution, hence the flip.
        kernels = kernels.flip(3).transpose(2, 3).flatten(1, 2)  # (N, M * 9, C)
        partial = kernels @ feat.flatten(2)
        maps = F.fold(partial.float(), feat.shape[2:], kernel_size=3, padding=1)
        if beyond:
            maps = maps[..., 1:-1, 1:-1]
        return (maps + self.bias[classes][..., None, None]).sigmoid()
