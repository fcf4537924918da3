"""The crops that ten-crop testing adds up."""

from mmcv.transforms import BaseTransform
from mmpretrain.registry import TRANSFORMS

CORNERS = ('top_left', 'top_right', 'bottom_left', 'bottom_right', 'center')


@TRANSFORMS.register_module()
class CornerCrop(BaseTransform):
    """Crops a corner or the centre; for class scores, since boxes are not moved.

    **Required and Modified Keys:** img, img_shape.

    Args:
        position: One of the four corners, such as `'top_left'`, or `'center'`.
        crop_size: The side of the square crop in pixels.
    """

    def __init__(self, position: str, crop_size: int) -> None:
        if position not in CORNERS:
            raise ValueError(
                f'Expected `position` to be one of {CORNERS}, but got {position!r}.'
            )
        self.position = position
        self.crop_size = crop_size

    def transform(self, results: dict) -> dict:
        height, width = results['img'].shape[:2]
        free_y, free_x = height - self.crop_size, width - self.crop_size
        if free_y < 0 or free_x < 0:
            raise ValueError(
                f'Expected an image of at least {self.crop_size} pixels a side for CornerCrop, '
                f'but got {width} x {height}.'
            )
        if self.position == 'center':
            y, x = round(free_y / 2), round(free_x / 2)
        else:
            y = free_y if 'bottom' in self.position else 0
            x = free_x if 'right' in self.position else 0
        results['img'] = results['img'][y : y + self.crop_size, x : x + self.crop_size]
        results['img_shape'] = results['img'].shape[:2]
        return results
