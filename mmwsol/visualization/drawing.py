"""Pictures of images, maps and boxes. Images are ``(H, W, 3)`` uint8, BGR."""

from collections.abc import Sequence

import cv2
import numpy as np

from mmwsol.io.names import printable

GT_COLOR = (60, 200, 60)
PREDICTION_COLOR = (40, 40, 230)
TEXT_COLOR = (40, 40, 40)


def overlay(
    image: np.ndarray, score_map: np.ndarray, opacity: float = 0.6
) -> np.ndarray:
    """The image under a heat-map, which is fainter where it is colder.

    Args:
        image: ``(H, W, 3)``.
        score_map: ``(H, W)`` in [0, 1].
        opacity: The opacity of the heat-map where it is 1.
    """
    heat = cv2.applyColorMap((score_map * 255).astype(np.uint8), cv2.COLORMAP_JET)
    share = (opacity * (0.4 + 0.6 * score_map))[..., None]
    return (heat * share + image * (1 - share)).round().astype(np.uint8)


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


def draw_prediction(
    image: np.ndarray,
    score_map: np.ndarray | None,
    boxes: Sequence[Sequence[float]] = (),
    gt_boxes: Sequence[Sequence[float]] = (),
    caption: str = '',
) -> np.ndarray:
    """The image under its map, if it has one, with boxes and a line of text."""
    picture = image.copy() if score_map is None else overlay(image, score_map)
    for box in gt_boxes:
        picture = draw_box(picture, box, GT_COLOR)
    for box in boxes:
        picture = draw_box(picture, box)
    return draw_caption(picture, caption) if caption else picture


def panel(
    image: np.ndarray,
    height: int,
    score_map: np.ndarray | None = None,
    boxes: Sequence[Sequence[float]] = (),
    gt_boxes: Sequence[Sequence[float]] = (),
    caption: str = '',
) -> np.ndarray:
    """The image at a height, under its map if it has one, with boxes.

    Lines and letters are drawn after the resize, so that they are as sharp on small images.

    Args:
        image: ``(H, W, 3)`` uint8, BGR.
        height: The height of the panel, in pixels.
        score_map: ``(H, W)`` in [0, 1].
        boxes: Predicted boxes, xyxy in the image's pixels.
        gt_boxes: True boxes, likewise.
        caption: A line of text over the image.
    """
    scale = height / image.shape[0]
    width = max(1, round(image.shape[1] * scale))
    shrinks = scale < 1
    scales = np.array([width / image.shape[1], scale] * 2)
    gt_boxes = [np.asarray(box) * scales for box in gt_boxes]
    picture = cv2.resize(
        image,
        (width, height),
        interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR,
    )
    heat = score_map
    if heat is not None:
        heat = cv2.resize(heat, (width, height), interpolation=cv2.INTER_LINEAR)
    boxes = [np.asarray(box) * scales for box in boxes]
    return draw_prediction(picture, heat, boxes, gt_boxes, caption)


def draw_caption(image: np.ndarray, caption: str) -> np.ndarray:
    """A copy of the image with a line of text on a dark ground in its upper left corner."""
    caption = printable(caption)  # at anything else OpenCV crashes
    height, width = image.shape[:2]
    font, scale = cv2.FONT_HERSHEY_SIMPLEX, max(0.3, min(height, width) / 450)
    (across, up), down = cv2.getTextSize(caption, font, scale, 1)
    if across > width - 4:  # a long name becomes smaller rather than cut
        scale *= (width - 4) / across
        (across, up), down = cv2.getTextSize(caption, font, scale, 1)
    picture = image.copy()
    ground = picture[: up + down + 4, : across + 4]
    ground[:] = ground // 3
    white, at = (255, 255, 255), (2, up + 2)
    return cv2.putText(picture, caption, at, font, scale, white, 1, cv2.LINE_AA)


def contact_sheet(
    rows: Sequence[Sequence[np.ndarray]],
    titles: Sequence[str],
    side: int = 192,
    gap: int = 8,
) -> np.ndarray:
    """A table of pictures with a title over each column.

    Args:
        rows: Pictures of any size; each is resized to a square.
        titles: A title for each column.
        side: The side of a square, in pixels.
        gap: The gap between squares, in pixels.
    """
    header = 28
    height = header + len(rows) * (side + gap) + gap
    width = len(titles) * (side + gap) + gap
    sheet = np.full((height, width, 3), 255, np.uint8)
    for column, title in enumerate(titles):
        at = (gap + column * (side + gap), header - 8)
        font = cv2.FONT_HERSHEY_SIMPLEX
        title = printable(title)
        cv2.putText(sheet, title, at, font, 0.5, TEXT_COLOR, 1, cv2.LINE_AA)
    for r, row in enumerate(rows):
        for c, picture in enumerate(row):
            y, x = header + r * (side + gap) + gap, gap + c * (side + gap)
            sheet[y : y + side, x : x + side] = cv2.resize(
                picture, (side, side), interpolation=cv2.INTER_AREA
            )
    return sheet
