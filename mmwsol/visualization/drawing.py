"""Pictures of images, maps and boxes. Images are ``(H, W, 3)`` uint8, BGR."""

from collections.abc import Sequence

import cv2
import numpy as np

GT_COLOR = (60, 200, 60)
PREDICTION_COLOR = (40, 40, 230)
TEXT_COLOR = (40, 40, 40)


def overlay(
    image: np.ndarray, score_map: np.ndarray, opacity: float = 0.5
) -> np.ndarray:
    """The image under a heat-map.

    Args:
        image: ``(H, W, 3)``.
        score_map: ``(H, W)`` in [0, 1].
        opacity: Of the heat-map.
    """
    heat = cv2.applyColorMap((score_map * 255).astype(np.uint8), cv2.COLORMAP_JET)
    return cv2.addWeighted(heat, opacity, image, 1 - opacity, 0)


def draw_box(
    image: np.ndarray,
    box: Sequence[float],
    color: tuple[int, int, int] = PREDICTION_COLOR,
) -> np.ndarray:
    """A copy of the image with a box, xyxy in pixels."""
    height, width = image.shape[:2]
    x0, y0, x1, y1 = (int(round(v)) for v in box)
    thickness = max(1, round(min(height, width) / 112))
    corner = min(x1, width - 1), min(y1, height - 1)
    return cv2.rectangle(image.copy(), (x0, y0), corner, color, thickness)


def contact_sheet(
    rows: Sequence[Sequence[np.ndarray]],
    titles: Sequence[str],
    side: int = 192,
    gap: int = 8,
) -> np.ndarray:
    """A table of pictures with a title over each column.

    Args:
        rows: Pictures of any size; each is resized to a square.
        titles: One for each column.
        side: Of a square, in pixels.
        gap: Between squares, in pixels.
    """
    header = 28
    height = header + len(rows) * (side + gap) + gap
    width = len(titles) * (side + gap) + gap
    sheet = np.full((height, width, 3), 255, np.uint8)
    for column, title in enumerate(titles):
        at = (gap + column * (side + gap), header - 8)
        cv2.putText(
            sheet, title, at, cv2.FONT_HERSHEY_SIMPLEX, 0.5, TEXT_COLOR, 1, cv2.LINE_AA
        )
    for r, row in enumerate(rows):
        for c, picture in enumerate(row):
            y, x = header + r * (side + gap) + gap, gap + c * (side + gap)
            sheet[y : y + side, x : x + side] = cv2.resize(
                picture, (side, side), interpolation=cv2.INTER_AREA
            )
    return sheet
