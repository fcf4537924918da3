"""Tables of pictures as figures, as papers print them, and figures as files."""

import textwrap
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from matplotlib.figure import Figure

from mmwsol.visualization.drawing import GT_COLOR, draw_box, draw_prediction

DPI = 100
_FONT = 13
"""Height of letters in pixels."""
_LINE = 18
_GAP = 6
# without what matplotlib adds, which changes with the day and its version
_FORMATS = {
    '.png': dict(metadata=dict(Software=None)),
    '.jpg': dict(pil_kwargs=dict(quality=88, subsampling=0)),
    '.pdf': dict(metadata=dict(CreationDate=None, Creator=None, Producer=None)),
}


def panel(
    image: np.ndarray,
    height: int,
    score_map: np.ndarray | None = None,
    boxes: Sequence[Sequence[float]] = (),
    gt_boxes: Sequence[Sequence[float]] = (),
    caption: str = '',
) -> np.ndarray:
    """The image at a height, with true boxes; with a map, under it and with its boxes.

    Lines and letters are drawn after the resize, so that they are as sharp on small images.

    Args:
        image: ``(H, W, 3)`` uint8, BGR.
        height: The height of the panel, in pixels.
        score_map: ``(H, W)`` in [0, 1].
        boxes: Predicted boxes, xyxy in the image's pixels.
        gt_boxes: True boxes, likewise.
        caption: A line of text over the map.
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
    if score_map is None:
        for box in gt_boxes:
            picture = draw_box(picture, box, GT_COLOR)
        return picture
    heat = cv2.resize(score_map, (width, height), interpolation=cv2.INTER_LINEAR)
    boxes = [np.asarray(box) * scales for box in boxes]
    return draw_prediction(picture, heat, boxes, gt_boxes, caption)


def picture_table(
    rows: Sequence[Sequence[np.ndarray]],
    row_names: Sequence[str],
    column_names: Sequence[str],
) -> Figure:
    """Pictures pixel by pixel, with a name beside each row and over each column.

    Args:
        rows: Pictures ``(H, W, 3)`` uint8, BGR, of any sizes; each stands in the middle of
            its place.
        row_names: One for each row.
        column_names: One for each column.
    """
    heights = [max(picture.shape[0] for picture in row) for row in rows]
    widths = [max(picture.shape[1] for picture in column) for column in zip(*rows)]
    over = [_wrapped(name, width) for name, width in zip(column_names, widths)]
    beside = [_wrapped(name, height) for name, height in zip(row_names, heights)]
    top = _GAP + _LINE * max(name.count('\n') + 1 for name in over)
    left = _GAP + _LINE * max(name.count('\n') + 1 for name in beside)
    total = (
        left + sum(width + _GAP for width in widths),
        top + sum(height + _GAP for height in heights),
    )
    figure = Figure(figsize=(total[0] / DPI, total[1] / DPI), dpi=DPI)
    style = dict(fontsize=72 * _FONT / DPI, linespacing=1.1)
    x = left
    for name, width in zip(over, widths):
        # on the last line's baseline, so that names with and without a g stand level
        at = (x + width / 2) / total[0], 1 - (top - _GAP) / total[1]
        figure.text(*at, name, ha='center', va='baseline', **style)
        x += width + _GAP
    y = top
    for row, name, height in zip(rows, beside, heights):
        at = (left - _GAP / 2) / total[0], 1 - (y + height / 2) / total[1]
        figure.text(*at, name, ha='right', va='center', rotation=90, **style)
        x = left
        for picture, width in zip(row, widths):
            high, wide = picture.shape[:2]
            corner = x + (width - wide) // 2, y + (height - high) // 2 + high
            axes = figure.add_axes(
                (
                    corner[0] / total[0],
                    1 - corner[1] / total[1],
                    wide / total[0],
                    high / total[1],
                )
            )
            axes.imshow(picture[..., ::-1], interpolation='none', aspect='auto')
            axes.axis('off')
            x += width + _GAP
        y += height + _GAP
    return figure


def _wrapped(name: str, pixels: int) -> str:
    """The name on as many lines as its side of the pictures needs."""
    # letters are about half as wide as high; underscores are where file names part
    characters = max(4, int(pixels / (0.55 * _FONT)))
    return textwrap.fill(name.replace('_', ' '), characters)


def save_figure(figure: Figure, file: Path) -> None:
    """Writes a figure at its own resolution; the file's ending says how.

    Raises:
        ValueError: The ending is of another format.
    """
    check_figure_file(file)
    file.parent.mkdir(parents=True, exist_ok=True)
    options = _FORMATS[file.suffix.lower()]
    figure.savefig(file, dpi=figure.dpi, **options)


def check_figure_file(file: Path) -> None:
    """Refuses a file whose ending is not one that figures are written with."""
    if file.suffix.lower() not in _FORMATS:
        raise ValueError(
            f'Expected a picture file that ends with one of {tuple(_FORMATS)}, but got '
            f'{str(file)!r}.'
        )
