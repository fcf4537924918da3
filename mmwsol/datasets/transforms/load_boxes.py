"""True boxes for evaluation, inside their image or named."""

from mmcv.transforms import LoadAnnotations
from mmengine.logging import MMLogger
from mmpretrain.registry import TRANSFORMS

from mmwsol.functional.boxes import cut_to_image
from mmwsol.io.box_units import TOLERANCE


@TRANSFORMS.register_module()
class LoadBoxes(LoadAnnotations):
    """Loads boxes for evaluation, and looks whether they lie inside the image.

    Boxes that leave the image by a rounding error are clipped; training pipelines of
    weakly supervised methods have no such step.

    **Required Keys:** instances, img_shape, img_path. **Added Keys:** gt_bboxes,
    gt_bboxes_labels.

    Args:
        outside: The treatment of a box that is reversed or leaves the image by more:
            `'stop'` names it in an error; `'clip'` names it in a warning and clips it, or
            drops it where nothing is left, and the metric counts an image without boxes.
            The official CUB-200-2011 has two boxes to clip.
    """

    def __init__(self, outside: str = 'stop', **kwargs) -> None:
        super().__init__(**kwargs)
        if outside not in ('stop', 'clip'):
            raise ValueError(
                f"Expected `outside` of LoadBoxes to be 'stop' or 'clip', but got {outside!r}."
            )
        self.outside = outside

    def _load_bboxes(self, results: dict) -> None:
        super()._load_bboxes(results)
        self._load_labels(results)
        boxes = results['gt_bboxes']
        height, width = results['img_shape'][:2]
        clipped, empty, far = cut_to_image(boxes, (height, width), TOLERANCE)
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
