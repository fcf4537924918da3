"""Telling a whole image file from a damaged one."""

import os
import struct
from pathlib import Path

import cv2
import mmcv
import numpy as np

IMAGE_ENDINGS = ('.jpg', '.jpeg', '.png', '.bmp', '.webp', '.tif', '.tiff')
JPEG_START, JPEG_END = b'\xff\xd8', b'\xff\xd9'
PNG_START, PNG_END = b'\x89PNG\r\n\x1a\n', struct.pack('>I4sI', 0, b'IEND', 0xAE426082)


def content_problem(content: bytes) -> str | None:
    """What is wrong with the bytes of an image file, or None.

    OpenCV fills the missing rows of a truncated file with grey and says nothing, so the
    end marker is looked for first.
    """
    if not content:
        return 'is empty'
    for start, end in ((JPEG_START, JPEG_END), (PNG_START, PNG_END)):
        # some cameras append bytes after the end marker
        if content.startswith(start) and end not in content[-4096:]:
            return 'is truncated'
    return None


def image_problem(path: str, thorough: bool = False) -> str | None:
    """What is wrong with an image file, or None.

    Args:
        path: Of the file.
        thorough: Whether the file is decoded as well, instead of only looked for.
    """
    if not os.path.isfile(path):
        return 'does not exist'
    return decoded_size(path)[0] if thorough else None


def decoded_size(
    path: str, as_displayed: bool = True
) -> tuple[str | None, tuple[int, int]]:
    """What is wrong with an image file or None, and its width and height when decoded.

    Args:
        path: Of the file, which exists.
        as_displayed: Whether the rotation that a camera notes in EXIF is applied.
    """
    with open(path, 'rb') as file:
        content = file.read()
    problem = content_problem(content)
    if problem:
        return problem, (0, 0)
    flag = cv2.IMREAD_COLOR
    if not as_displayed:
        flag |= cv2.IMREAD_IGNORE_ORIENTATION
    image = cv2.imdecode(np.frombuffer(content, np.uint8), flag)
    if image is None:
        return 'is not an image that OpenCV can decode', (0, 0)
    return None, (image.shape[1], image.shape[0])


def read_image(path: str | os.PathLike) -> np.ndarray:
    """A whole image file as ``(H, W, 3)`` uint8, BGR, the way up that it is displayed.

    Raises:
        ValueError: It is damaged or no image; named.
        OSError: It cannot be read.
    """
    content = Path(path).read_bytes()
    problem = content_problem(content)
    image = None if problem else mmcv.imfrombytes(content, flag='color')
    if image is None:
        raise ValueError(f'{path} {problem or "is not an image that can be decoded"}')
    return image
