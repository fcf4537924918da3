"""Crops that keep a part of the box."""

import math
import random

import mmcv
import numpy as np
from mmcv.transforms import BaseTransform
from mmpretrain.registry import TRANSFORMS

AREA = (0.2, 1.0)
RATIO = (3 / 4, 4 / 3)
TRIES = 30
"""PSOL's."""


@TRANSFORMS.register_module()
class RandomResizedBoxCrop(BaseTransform):
    """A random part of the image that shows some of its box, at one size.

    PSOL's augmentation: a fifth of the image or more, 3:4 to 4:3, drawn anew up to 30 times
    until it meets the box, which is cut to it. If none does, the whole image.

    **Required and Modified Keys:** img, img_shape, gt_bboxes ``(1, 4)``.

    Args:
        size: The side of the square that the part is resized to, in pixels.
    """

    def __init__(self, size: int) -> None:
        self.size = size

    def transform(self, results: dict) -> dict:
        image, box = results['img'], np.asarray(results['gt_bboxes'])
        x0, y0, x1, y1 = self.draw(image.shape[:2], box[0])
        results['img'] = mmcv.imresize(image[y0:y1, x0:x1], (self.size, self.size))
        results['img_shape'] = (self.size, self.size)
        width, height = x1 - x0, y1 - y0
        moved = box - [x0, y0, x0, y0]
        cut = moved.clip(0, [width, height, width, height])
        scale = np.array([self.size / width, self.size / height] * 2)
        results['gt_bboxes'] = (cut * scale).astype(np.float32)
        return results

    def draw(self, size: tuple[int, int], box: np.ndarray) -> tuple[int, int, int, int]:
        """A part of an image, ``x0, y0, x1, y1``, exclusive ends.

        Args:
            size: The image's height and width.
            box: ``(4,)`` xyxy.
        """
        height, width = size
        for _ in range(TRIES):
            area = height * width * random.uniform(*AREA)
            ratio = math.exp(random.uniform(*map(math.log, RATIO)))
            across, down = round((area * ratio) ** 0.5), round((area / ratio) ** 0.5)
            if not (0 < across <= width and 0 < down <= height):
                continue
            x0 = random.randint(0, width - across)
            y0 = random.randint(0, height - down)
            x1, y1 = x0 + across, y0 + down
            if min(x1, box[2]) > max(x0, box[0]) and min(y1, box[3]) > max(y0, box[1]):
                return x0, y0, x1, y1
        return 0, 0, width, height
