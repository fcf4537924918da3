"""The writer of all pictures."""

import os
from pathlib import Path

import cv2
import numpy as np

from mmwsol.io.atomic import write_atomic


def write_picture(file: str | os.PathLike, picture: np.ndarray) -> None:
    """Writes a picture as a whole or not at all; its ending says how, as for OpenCV.

    OpenCV's own writer says nothing of a full disk, and crashes at a name that is not UTF-8.

    Args:
        file: The file; its folder is made if need be.
        picture: ``(H, W, 3)`` uint8, BGR.

    Raises:
        OSError: It cannot be written.
    """
    try:
        done, content = cv2.imencode(Path(file).suffix, picture)
    except cv2.error:
        done = False
    if not done:
        height, width = picture.shape[:2]
        raise OSError(
            f'Could not write {file}: a picture of {width} x {height} pixels cannot be '
            f'stored as {Path(file).suffix or "a file without an ending"!r}'
        )
    write_atomic(file, content.tobytes(), sync=False)
