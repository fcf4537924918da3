"""Random squares of an image hidden in training."""

from collections.abc import Sequence

import numpy as np
from mmcv.transforms import BaseTransform
from mmpretrain.registry import TRANSFORMS


@TRANSFORMS.register_module()
class HideAndSeek(BaseTransform):
    """Hides squares of a grid at random, so that no part of the object is always seen.

    `Hide-and-Seek: Forcing a Network to be Meticulous for Weakly-supervised Object and
    Action Localization (ICCV 2017) <https://arxiv.org/abs/1704.04232>`_. The last transform
    before ``PackInputs``, in training alone; the squares of the right and lower border may be
    cut off. Any method can learn from such images.

    **Required and Modified Keys:** img.

    Args:
        grid_size: The side of a square in pixels; 32 in the authors' GoogLeNet.
        drop_rate: Probability, for each square, of being hidden.
        fill_color: What hidden pixels have, in the order of the image's channels: the data
            set's mean, so that they are 0 once they are normalized, but for half a grey
            level of rounding. ImageNet's by default, in blue, green, red.
    """

    def __init__(
        self,
        grid_size: int = 32,
        drop_rate: float = 0.5,
        fill_color: Sequence[int] = (104, 116, 124),
    ) -> None:
        if grid_size < 1:
            raise ValueError(
                f'Expected `grid_size` of HideAndSeek to be at least 1 pixel, but got '
                f'{grid_size}.'
            )
        if not 0 <= drop_rate <= 1:
            raise ValueError(
                'Expected `drop_rate` of HideAndSeek to be in [0, 1], but got '
                f'{drop_rate}.'
            )
        self.grid_size = grid_size
        self.drop_rate = drop_rate
        self.fill_color = tuple(fill_color)

    def transform(self, results: dict) -> dict:
        image = results['img'].copy()
        height, width = image.shape[:2]
        size = self.grid_size
        squares = (-(-height // size), -(-width // size))
        hidden = np.random.random(squares) < self.drop_rate  # noqa: NPY002  as all transforms
        pixels = hidden.repeat(size, 0)[:height].repeat(size, 1)[:, :width]
        image[pixels] = self.fill_color
        results['img'] = image
        return results
