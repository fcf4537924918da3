"""Figures, drawn with matplotlib: tables of pictures, as papers print them, and curves."""

import io
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backend_bases import FigureCanvasBase
from matplotlib.figure import Figure

from mmwsol.functional import THRESHOLDS, BoxReport
from mmwsol.functional.pixels import EDGES, PixelReport
from mmwsol.io.atomic import check_writable, write_atomic
from mmwsol.io.names import printable

DPI = 100
_FONT = 13
"""Height of letters in pixels."""
_LINE = 18
_GAP = 6
# without what matplotlib adds, which changes with the day and its version
_FORMATS: dict[str, dict[str, Any]] = {
    '.png': dict(metadata=dict(Software=None)),
    '.jpg': dict(pil_kwargs=dict(quality=88, subsampling=0)),
    '.pdf': dict(metadata=dict(CreationDate=None, Creator=None, Producer=None)),
}

CURVES = tuple(f'.{ending}' for ending in FigureCanvasBase.filetypes)
"""Endings of files that curves are written to."""


def picture_table(
    rows: Sequence[Sequence[np.ndarray]],
    row_names: Sequence[str],
    column_names: Sequence[str],
) -> Figure:
    """Pictures pixel by pixel, with a name beside each row and over each column.

    Args:
        rows: Pictures ``(H, W, 3)`` uint8, BGR, of any sizes; each stands in the middle of
            its place.
        row_names: A name for each row.
        column_names: A name for each column.
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
    style: dict[str, Any] = dict(fontsize=72 * _FONT / DPI, linespacing=1.1)
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
    return textwrap.fill(printable(name).replace('_', ' '), characters)


def save_figure(figure: Figure, file: Path) -> None:
    """Writes a figure at its own resolution; the file's ending says how.

    Raises:
        ValueError: The ending is of another format.
        OSError: It cannot be written.
    """
    check_figure_file(file)
    _save(figure, file, figure.dpi, **_FORMATS[file.suffix.lower()])


def check_figure_file(file: Path, endings: Sequence[str] = tuple(_FORMATS)) -> None:
    """Refuses a file that figures cannot be written to: before the work, not after it."""
    if file.suffix.lower() not in endings:
        raise ValueError(
            f'Expected a picture file that ends with one of {tuple(endings)}, but got '
            f'{str(file)!r}.'
        )
    check_writable(file)


def plot_box_curves(report: BoxReport, file: Path) -> None:
    """All contours (V2) and the protocol's box, a line for each IoU; dots are maxima."""
    names = {
        'v2': 'MaxBoxAccV2: any contour',
        'gt_known': "GT-known: the protocol's box",
    }
    figure = Figure(figsize=(9, 3.6), layout='constrained')
    for axes, (kind, title) in zip(figure.subplots(1, 2, sharey=True), names.items()):
        own = [name for name in report.curves if name.startswith(f'{kind}_iou')]
        for name in own:
            accuracy = np.array(report.curves[name])
            (line,) = axes.plot(
                THRESHOLDS, accuracy, label=f'IoU {float(name.split("iou")[1]) / 100:g}'
            )
            best = accuracy.argmax()
            axes.plot(
                THRESHOLDS[best], accuracy[best], 'o', color=line.get_color(), ms=4
            )
        axes.set(title=title, xlabel='threshold', xlim=(0, 1), ylim=(0, 100))
        axes.grid(alpha=0.3)
        axes.legend()
    figure.axes[0].set_ylabel('images hit, percent')
    _save(figure, file)


def plot_pixel_curve(report: PixelReport, file: Path) -> None:
    """Precision over recall of all pixels, and precision and recall over thresholds."""
    figure = Figure(figsize=(9, 3.6), layout='constrained')
    left, right = figure.subplots(1, 2)
    left.plot(report.recall, report.precision)
    left.set(
        title=f'PxAP {report.pxap:.2f}',
        xlabel='recall, percent',
        ylabel='precision, percent',
    )
    right.plot(EDGES, report.precision, label='precision')
    right.plot(EDGES, report.recall, label='recall')
    right.axvline(report.threshold, color='gray', lw=1, label='peak IoU')
    right.set(title=f'peak IoU {report.piou:.2f}', xlabel='threshold')
    right.legend()
    for axes in (left, right):
        axes.grid(alpha=0.3)
    _save(figure, file)


def _save(figure: Figure, file: Path, dpi: float = 120, **options: Any) -> None:
    content = io.BytesIO()
    kind = file.suffix.removeprefix('.') or None
    figure.savefig(content, dpi=dpi, format=kind, **options)
    write_atomic(file, content.getvalue(), sync=False)
