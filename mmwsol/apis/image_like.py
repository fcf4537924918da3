"""Images in the forms that programs hand them over in."""

import os
from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageOps

from mmwsol.io.image_content import MOST_PIXELS
from mmwsol.io.images import decode, read_image

ImageLike = str | os.PathLike | np.ndarray | Image.Image | bytes
"""A file, an array ``(H, W, 3)``, ``(H, W, 4)`` or ``(H, W)`` of uint8 in OpenCV's order (BGR,
BGRA), an image of Pillow, or the content of a file."""
FORMS = 'files, folders, arrays of numpy (BGR), images of Pillow, bytes of a file'
IN_MEMORY = (np.ndarray, Image.Image, bytes)
"""Types of images that are named by their numbers, for want of a file."""


def pixels_of(image: ImageLike, least_side: int = 0) -> np.ndarray:
    """The pixels ``(H, W, 3)`` uint8, BGR, the way up that the image is displayed.

    Args:
        image: The image.
        least_side: As for :func:`mmwsol.io.images.decode`, of files.

    Raises:
        ValueError: It is damaged, or not of a form that can be read.
        OSError: It cannot be read.
    """
    if isinstance(image, np.ndarray):
        return _of_array(image)
    if isinstance(image, Image.Image):
        return _of_pillow(image)
    if isinstance(image, bytes):
        pixels, problem = decode(image, 'color')
        if pixels is None:
            raise ValueError(f'the content of {len(image)} bytes {problem}')
        return pixels
    return read_image(image, least_side=least_side)


def check_form(image: Any) -> None:
    """Refuses what is no list of images either, though it may look like one.

    Raises:
        TypeError: It is a tensor, a mapping, or nothing at all.
    """
    is_list = hasattr(image, '__iter__') and not hasattr(image, '__array__')
    if not is_list or isinstance(image, Mapping):
        raise TypeError(
            f'Expected images as {FORMS}, or lists of these, but got '
            f'{type(image).__name__}.'
        )


def _of_array(image: np.ndarray) -> np.ndarray:
    flat = image[..., 0] if image.ndim == 3 and image.shape[2] == 1 else image
    color = flat.ndim == 3 and flat.shape[2] in (3, 4)
    if image.dtype != np.uint8 or not (color or flat.ndim == 2) or 0 in image.shape:
        raise ValueError(
            'Expected an image of uint8 and shape (H, W, 3), BGR, (H, W, 4), BGRA, or '
            f'(H, W), but got {image.shape} of {image.dtype}.'
        )
    return flat[..., :3] if color else cv2.cvtColor(flat, cv2.COLOR_GRAY2BGR)


def _of_pillow(image: Image.Image) -> np.ndarray:
    if image.width * image.height > MOST_PIXELS:
        raise ValueError(f'the image has more than {MOST_PIXELS} pixels')
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith('I;16'):  # as OpenCV reads such files
        return _of_array((np.asarray(image) >> 8).astype(np.uint8))
    if image.mode in ('I', 'F'):
        raise ValueError(
            'Expected an image of Pillow with whole numbers from 0 to 255, such as one of '
            f"mode 'RGB' or 'L', but got mode {image.mode!r}."
        )
    return _of_array(np.asarray(image.convert('RGB'))[..., ::-1])
