"""What a config's test pipeline makes of an image, and at which size."""

from collections.abc import Sequence

import numpy as np
from mmcv.transforms import Compose
from mmpretrain.registry import TRANSFORMS
from torch import Tensor

# one wide, one high; larger than a crop
PROBES = ((1200, 1600), (1600, 1200))


class ImageView:
    """The steps of a test pipeline that change the image, without those that load.

    Args:
        pipeline: Configs of the test pipeline's steps.
    """

    def __init__(self, pipeline: Sequence[dict]) -> None:
        names = [str(step['type']).rpartition('.')[2] for step in pipeline]
        self.steps = [s for s, name in zip(pipeline, names) if name[:4] != 'Load']
        self.transform = Compose([TRANSFORMS.build(step) for step in self.steps])

    def __call__(self, image: np.ndarray) -> Tensor:
        """``(H, W, 3)`` uint8, BGR -> ``(3, H', W')``."""
        shape = image.shape[:2]
        return self.transform(dict(img=image, img_shape=shape, ori_shape=shape))[
            'inputs'
        ]


def image_size(view: ImageView) -> tuple[int, int] | None:
    """``H', W'`` of every view, or None where they depend on the image."""
    sizes = {
        tuple(view(np.zeros((*probe, 3), np.uint8)).shape[-2:]) for probe in PROBES
    }
    return sizes.pop() if len(sizes) == 1 else None


def swap_colors(image: np.ndarray) -> np.ndarray:
    """``(H, W, 3)`` RGB <-> BGR."""
    return np.ascontiguousarray(image[..., ::-1])
