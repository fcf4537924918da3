"""Transforms that look closer than the host's."""

import numpy as np
from mmcv.transforms import BaseTransform, LoadAnnotations, LoadImageFromFile
from mmengine import fileio
from mmengine.logging import MMLogger
from mmpretrain.registry import TRANSFORMS

from mmwsol.functional.boxes import cut_to_image
from mmwsol.io.images import decode

TOLERANCE = 3.0
CORNERS = ('top_left', 'top_right', 'bottom_left', 'bottom_right', 'center')


@TRANSFORMS.register_module()
class LoadIntactImage(LoadImageFromFile):
    """Loads an image, and refuses a truncated or unreadable one by name.

    ``color_type`` decides whose pixels the image has: `'color'` turns it as the camera noted
    in EXIF, as it is displayed; `'color_ignore_orientation'` leaves it as stored, which is
    what official boxes count in.

    **Required Keys:** img_path. **Added Keys:** img, img_shape, ori_shape.
    """

    def transform(self, results: dict) -> dict:
        path = results['img_path']
        content = fileio.get(path, backend_args=self.backend_args)
        image, problem = decode(content, self.color_type, self.imdecode_backend)
        if problem:
            raise ValueError(
                f"{path} {problem}; replace it or set the dataset's `broken_images='skip'`."
            )
        results['img'] = image.astype(np.float32) if self.to_float32 else image
        results['img_shape'] = results['ori_shape'] = image.shape[:2]
        return results


@TRANSFORMS.register_module()
class LoadBoxes(LoadAnnotations):
    """Loads boxes for evaluation, and looks whether they lie inside the image.

    Boxes that leave the image by a rounding error are clipped; training pipelines of
    weakly supervised methods have no such step.

    **Required Keys:** instances, img_shape, img_path. **Added Keys:** gt_bboxes,
    gt_bboxes_labels.

    Args:
        outside: What happens to a box that is reversed or leaves the image by more:
            `'stop'` names it in an error; `'clip'` names it in a warning and clips it, or
            drops it where nothing is left, and the metric counts an image without boxes.
            The official CUB-200-2011 has two boxes to clip.
        tolerance: Pixels of rounding error.
    """

    def __init__(
        self, outside: str = 'stop', tolerance: float = TOLERANCE, **kwargs
    ) -> None:
        super().__init__(**kwargs)
        if outside not in ('stop', 'clip'):
            raise ValueError(
                f"Expected `outside` of LoadBoxes to be 'stop' or 'clip', but got {outside!r}."
            )
        self.outside = outside
        self.tolerance = tolerance

    def _load_bboxes(self, results: dict) -> None:
        super()._load_bboxes(results)
        self._load_labels(results)
        boxes = results['gt_bboxes']
        height, width = results['img_shape'][:2]
        clipped, empty, far = cut_to_image(boxes, (height, width), self.tolerance)
        wrong = empty | far
        place = f'{results["img_path"]} ({width} x {height} pixels)'
        if wrong.any() and self.outside == 'stop':
            raise ValueError(
                f'Expected boxes x0 < x1, y0 < y1 inside the {width} x {height} pixels of '
                f'{results["img_path"]}, but got {boxes[wrong][0].tolist()}; correct it, or '
                "clip what leaves the image with LoadBoxes(outside='clip')."
            )
        for box, is_empty in zip(boxes[wrong].tolist(), empty[wrong]):
            what = 'dropped a box that holds no pixel' if is_empty else 'clipped a box'
            MMLogger.get_current_instance().warning(f'{place}: {what}, {box}.')
        results['gt_bboxes'] = clipped[~empty]
        results['gt_bboxes_labels'] = results['gt_bboxes_labels'][~empty]


@TRANSFORMS.register_module()
class CornerCrop(BaseTransform):
    """Crops a corner or the centre; for class scores, since boxes are not moved.

    **Required and Modified Keys:** img, img_shape.

    Args:
        position: One of the four corners, such as `'top_left'`, or `'center'`.
        crop_size: Side of the square crop in pixels.
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
