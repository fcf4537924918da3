"""Image files, whole or with what is wrong with them in words."""

import io
import os
from pathlib import Path

import cv2
import mmcv
import numpy as np
from PIL import Image

from mmwsol.io.image_content import (
    JPEG_START,
    MOST_PIXELS,
    content_problem,
    stored_size,
)

IMAGE_ENDINGS = (
    *('.jpg', '.jpeg', '.jpe', '.jfif'),
    *('.png', '.bmp', '.webp', '.tif', '.tiff'),
)
"""Endings, in small letters, of the files that are taken for images: what OpenCV and Pillow both
read, and a test loads one of each. Others are never opened, so that a folder may hold notes."""
SHRUNK = {
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    8: cv2.IMREAD_REDUCED_COLOR_8,
}
ORIENTATION, TURNS, QUARTER_TURNS = 274, range(2, 9), range(5, 9)
"""EXIF's number for how a picture is to be turned, its values that do, and those that swap the
sides."""


def image_problem(path: str, thorough: bool = False) -> str | None:
    """What is wrong with an image file, or None.

    Args:
        path: The file's path.
        thorough: Whether the file is decoded as well, instead of only looked for.
    """
    if not os.path.isfile(path):
        return _no_file(path)
    return decoded_size(path)[0] if thorough else None


def decoded_size(
    path: str, as_displayed: bool = True
) -> tuple[str | None, tuple[int, int]]:
    """What is wrong with an image file or None, and its width and height when decoded.

    Args:
        path: The path of a file that exists.
        as_displayed: Whether the rotation that a camera notes in EXIF is applied.
    """
    flag = 'color' if as_displayed else 'color_ignore_orientation'
    image, problem = decode(Path(path).read_bytes(), flag)
    if image is None:
        return problem, (0, 0)
    height, width = image.shape[:2]
    return None, (width, height)


def displayed_size(path: str | os.PathLike) -> tuple[int, int] | None:
    """Width and height of an image the way up that it is displayed, from its first bytes.

    None if they do not tell.
    """
    if not os.path.isfile(path):  # a pipe would be waited for
        return None
    problem, (width, height) = stored_size(path)
    if problem:
        return None
    orientation, kind = _orientation(path)
    if orientation in QUARTER_TURNS and kind == 'TIFF':
        return decoded_size(str(path))[1]  # Pillow has turned some by now
    return (height, width) if orientation in QUARTER_TURNS else (width, height)


def is_turned(path: str | os.PathLike) -> bool:
    """Whether an image is displayed another way up than it is stored."""
    return _orientation(path)[0] in TURNS


def read_image(
    path: str | os.PathLike, most_pixels: int = MOST_PIXELS, least_side: int = 0
) -> np.ndarray:
    """A whole image file as ``(H, W, 3)`` uint8, BGR, the way up that it is displayed.

    Args:
        path: The file's path.
        most_pixels: The largest number of pixels that is decoded.
        least_side: As for :func:`decode`.

    Raises:
        ValueError: It is damaged or not an image; the message names it.
        OSError: It cannot be read.
    """
    # a pipe would be waited for
    if os.path.lexists(path) and not os.path.isfile(path):
        raise ValueError(f'{path} {_no_file(path)}')
    image, problem = decode(
        Path(path).read_bytes(), 'color', None, most_pixels, least_side
    )
    if image is None:
        raise ValueError(f'{path} {problem}')
    return image


def decode(
    content: bytes,
    flag: str,
    backend: str | None = None,
    most_pixels: int = MOST_PIXELS,
    least_side: int = 0,
) -> tuple[np.ndarray | None, str | None]:
    """The image of a file's content and None, or None and what is wrong with it.

    Args:
        content: The bytes of the file.
        flag: Color and orientation, one of :func:`mmcv.imfrombytes`'s flags.
        backend: The reading library, one of :func:`mmcv.imfrombytes`'s backends.
        most_pixels: The largest number of pixels that is decoded, at most MOST_PIXELS.
        least_side: Pixels that the shorter side needs: a JPEG in color is decoded at 1/2, 1/4
            or 1/8 of its size, in as much less time and memory, where that leaves as many. 0
            for its whole size.
    """
    problem = content_problem(content, most_pixels)
    if problem:
        return None, problem
    shrunk = SHRUNK.get(_reduction(content, least_side)) if flag == 'color' else None
    try:
        if shrunk is not None:
            image = cv2.imdecode(np.frombuffer(content, np.uint8), shrunk)
        else:
            image = mmcv.imfrombytes(content, flag=flag, backend=backend)
    except (cv2.error, OSError, SyntaxError):  # the last two are Pillow's
        image = None
    if image is None:
        return None, 'is not an image that can be decoded'
    return image, None


def _orientation(path: str | os.PathLike) -> tuple[int, str | None]:
    """What EXIF says of how an image is to be turned, 1 for not at all, and its format."""
    try:
        with Image.open(path) as image:
            # looking for it elsewhere in a PNG would decode it
            may_turn = image.format != 'PNG' or 'exif' in image.info
            found = image.getexif().get(ORIENTATION, 1) if may_turn else 1
            return found, image.format
    except Exception:  # Pillow's readers raise whatever damaged bytes lead to
        return 1, None  # OpenCV does not turn it either


def _reduction(content: bytes, least_side: int) -> int:
    if not least_side or not content.startswith(JPEG_START):
        return 1
    shorter = min(stored_size(io.BytesIO(content))[1])
    return max((n for n in SHRUNK if shorter // n >= least_side), default=1)


def _no_file(path: str | os.PathLike) -> str:
    if os.path.isdir(path):
        return 'is a folder'
    if os.path.exists(path):
        return 'is not a file'
    is_link = os.path.lexists(path)
    return 'is a link that leads nowhere' if is_link else 'does not exist'
