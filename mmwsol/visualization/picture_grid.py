"""Pictures of any size in a grid, with lines of text below each. BGR uint8."""

from collections.abc import Sequence

import cv2
import numpy as np

from mmwsol.io.names import printable
from mmwsol.visualization.drawing import TEXT_COLOR

CELL = (240, 180)
"""Width and height of a picture: four rows of six fit on a screen."""
GAP = 8
LINE = 17
FONT, SCALE = cv2.FONT_HERSHEY_SIMPLEX, 0.42


def picture_grid(
    pictures: Sequence[np.ndarray], captions: Sequence[Sequence[str]], size: int
) -> np.ndarray:
    """A page of pictures, their shapes kept.

    Args:
        pictures: The pictures, at least one.
        captions: The lines below each of them.
        size: The number of pictures on a full page, which sets the width.
    """
    columns = min(len(pictures), max(1, round((1.5 * size) ** 0.5)))
    lines = max(map(len, captions))
    across, down = CELL[0] + GAP, CELL[1] + lines * LINE + GAP
    rows = -(-len(pictures) // columns)
    page = np.full((rows * down + GAP, columns * across + GAP, 3), 255, np.uint8)
    for place, (picture, texts) in enumerate(zip(pictures, captions)):
        y, x = GAP + place // columns * down, GAP + place % columns * across
        small = fitted(picture, CELL)
        height, width = small.shape[:2]
        page[y : y + height, x : x + width] = small
        for line, text in enumerate(texts, start=1):
            at = (x, y + CELL[1] + line * LINE - 4)
            shown = cut_to_width(text, CELL[0])
            cv2.putText(page, shown, at, FONT, SCALE, TEXT_COLOR, 1, cv2.LINE_AA)
    return page


def fitted(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A picture as large as it can be in a width and height, its shape kept."""
    height, width = picture.shape[:2]
    scale = min(size[0] / width, size[1] / height)
    wanted = max(1, round(width * scale)), max(1, round(height * scale))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return cv2.resize(picture, wanted, interpolation=way)


def cut_to_width(text: str, width: int) -> str:
    """A text without its beginning, where it is wider than so many pixels."""
    text = printable(text)
    shown = text
    while len(shown) > 4 and cv2.getTextSize(shown, FONT, SCALE, 1)[0][0] > width:
        text = text[1:]
        shown = f'...{text}'
    return shown
