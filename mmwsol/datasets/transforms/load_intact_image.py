"""Images from files, whole or refused."""

import numpy as np
from mmcv.transforms import LoadImageFromFile
from mmengine import fileio
from mmpretrain.registry import TRANSFORMS

from mmwsol.io.images import decode


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
        if image is None:
            raise ValueError(
                f"{path} {problem}; replace it or set the dataset's `broken_images='skip'`."
            )
        results['img'] = image.astype(np.float32) if self.to_float32 else image
        results['img_shape'] = results['ori_shape'] = image.shape[:2]
        return results
