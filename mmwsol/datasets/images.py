"""Telling a whole image file from a damaged one."""

import os
import struct
from pathlib import Path

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
    flag = 'color' if as_displayed else 'color_ignore_orientation'
    image, problem = decode(Path(path).read_bytes(), flag)
    return (problem, (0, 0)) if problem else (None, image.shape[1::-1])


def read_image(path: str | os.PathLike) -> np.ndarray:
    """A whole image file as ``(H, W, 3)`` uint8, BGR, the way up that it is displayed.

    Raises:
        ValueError: It is damaged or no image; named.
        OSError: It cannot be read.
    """
    image, problem = decode(Path(path).read_bytes(), 'color')
    if problem:
        raise ValueError(f'{path} {problem}')
    return image


def decode(content: bytes, flag: str, backend: str | None = None) -> tuple:
    """The image of a file's content and None, or None and what is wrong with it.

    Args:
        content: Of the file.
        flag: As for :func:`mmcv.imfrombytes`.
        backend: The same.
    """
    problem = content_problem(content)
    image = None if problem else mmcv.imfrombytes(content, flag=flag, backend=backend)
    if image is None:
        return None, problem or 'is not an image that can be decoded'
    return image, None
