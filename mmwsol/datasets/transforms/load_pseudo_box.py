"""Pseudo boxes for training."""

import numpy as np
from mmcv.transforms import BaseTransform
from mmpretrain.registry import TRANSFORMS

from mmwsol.functional.boxes import cut_to_image
from mmwsol.io.box_units import TOLERANCE

SAME_SIZE = 1
"""Pixels by which a size in the file may differ from the image's."""


@TRANSFORMS.register_module()
class LoadPseudoBox(BaseTransform):
    """Gives a training image the box that another method found in it, and no true one.

    It stands right after the image is loaded, whole. Transforms that move boxes
    (:class:`RandomResizedBoxCrop`, mmcv's ``RandomFlip``) move it.

    **Required Keys:** pseudo_box (the data set's ``pseudo_boxes``), img_shape, img_path.
    **Added Keys:** gt_bboxes, ``(1, 4)`` float32.
    """

    def transform(self, results: dict) -> dict:
        if 'pseudo_box' not in results:
            raise ValueError(
                'Expected a data set with `pseudo_boxes` in `train_dataloader` for '
                'LoadPseudoBox, but it has none.'
            )
        height, width = results['img_shape'][:2]
        box, said = results['pseudo_box'], results.get('pseudo_box_size')
        if said and max(abs(said[0] - width), abs(said[1] - height)) > SAME_SIZE:
            raise ValueError(
                f'Expected {said[0]} x {said[1]} pixels in {results["img_path"]}, for which '
                f'the pseudo box was made, but got {width} x {height}; take the pictures that '
                "it was found in, the way up that they are displayed (color_type='color' of "
                'LoadIntactImage).'
            )
        whole = np.array([[0, 0, width, height]], np.float32)
        if box is not None:
            found = np.array([box], float)
            whole, empty, far = cut_to_image(found, (height, width), TOLERANCE)
            if empty[0] or far[0]:
                raise ValueError(
                    f'Expected a pseudo box inside the {width} x {height} pixels of '
                    f'{results["img_path"]}, but got {found.round(1).tolist()[0]}.'
                )
        results['gt_bboxes'] = whole.astype(np.float32)
        return results
