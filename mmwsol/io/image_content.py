"""What the bytes of an image file tell without being decoded."""

import io
import os
import struct

from PIL import Image

JPEG_START, JPEG_END = b'\xff\xd8', b'\xff\xd9'
PNG_START, PNG_END = b'\x89PNG\r\n\x1a\n', struct.pack('>I4sI', 0, b'IEND', 0xAE426082)
HEIC = (b'heic', b'heix', b'hevc', b'heim', b'heis', b'mif1', b'msf1')
"""What such photographs begin with, after ``ftyp``."""
UNREADABLE = 'is not an image that can be decoded'
MOST_PIXELS = 178_956_970
"""The number of pixels above which Pillow refuses a file; three bytes each are 0.5 GB."""


def content_problem(content: bytes, most_pixels: int = MOST_PIXELS) -> str | None:
    """What is wrong with the bytes of an image file, or None.

    OpenCV fills the missing rows of a truncated file with grey and says nothing, so the
    end marker is looked for first.

    Args:
        content: The bytes of the file.
        most_pixels: The largest number of pixels that is allowed. A file of a few kilobytes
            can ask for gigabytes.
    """
    if not content:
        return 'is empty'
    for start, end in ((JPEG_START, JPEG_END), (PNG_START, PNG_END)):
        # some cameras append bytes after the end marker
        if content.startswith(start) and end not in content[-4096:]:
            return 'is truncated'
    problem = stored_size(io.BytesIO(content), most_pixels)[0]
    if (
        problem == UNREADABLE and content[4:8] == b'ftyp'
    ):  # as telephones name them .jpg
        if content[8:12] in HEIC:
            return 'is a HEIC photograph, which cannot be decoded; convert it to JPEG'
        return 'is a video, or another file of moving pictures'
    return problem


def stored_size(
    file: str | os.PathLike | io.BytesIO, most_pixels: int = MOST_PIXELS
) -> tuple[str | None, tuple[int, int]]:
    """What is wrong with an image's first bytes or None, and the width and height they tell.

    Args:
        file: The image's path or content.
        most_pixels: The largest number of pixels that is allowed.
    """
    try:
        with Image.open(file) as image:
            width, height = image.size
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        width = height = MOST_PIXELS
    except Exception:  # Pillow's readers raise whatever damaged bytes lead to
        return UNREADABLE, (0, 0)
    if width * height > min(most_pixels, MOST_PIXELS):
        return f'has more than {min(most_pixels, MOST_PIXELS)} pixels', (0, 0)
    return None, (width, height)
