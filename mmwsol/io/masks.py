"""Masks in files, as wsolevaluation publishes them: one or several files an image."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mmwsol.io.image_content import content_problem


def merge_masks(
    pairs: Sequence[tuple[Path, Path | None]], size: tuple[int, int]
) -> np.ndarray:
    """Masks of an image's objects in one.

    Args:
        pairs: For each object the file of its mask and that of what does not count, in
            which pixels above 0 are inside.
        size: Height and width to which each file is resized by its nearest pixels.

    Raises:
        ValueError: A file is missing or not an image. The message is the rest of a sentence
            that begins with the image.

    Returns:
        ``(H, W)`` uint8: 1 on any object, else 255 where it does not count, else 0.
    """
    mask, ignored = np.zeros(size, bool), np.zeros(size, bool)
    for mask_file, ignore_file in pairs:
        mask |= _read_mask(mask_file, size)
        if ignore_file:
            ignored |= _read_mask(ignore_file, size)
    return np.where(mask, 1, np.where(ignored, 255, 0)).astype(np.uint8)


def _read_mask(file: Path, size: tuple[int, int]) -> np.ndarray:
    import cv2  # here, so that maps are judged against boxes without OpenCV

    content = file.read_bytes() if file.is_file() else b''
    problem, mask = content_problem(content), None
    if not problem:
        try:
            mask = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_GRAYSCALE)
        except cv2.error:
            problem = 'is not an image that can be decoded'
    if mask is None:
        reason = problem or 'is not an image that can be decoded'
        raise ValueError(f'has the mask {file}, which is missing or {reason}')
    resized = cv2.resize(mask, size[::-1], interpolation=cv2.INTER_NEAREST)
    return resized > 0.5
