"""Accuracy over thresholds, from the files that evaluations write."""

from itertools import cycle
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from mmwsol.io.text import is_number, read_json

_STYLES = ('-', '--', ':', '-.')
BELOW = dict(
    loc='upper center',
    bbox_to_anchor=(0.5, -0.16),
    ncols=3,
    frameon=False,
    fontsize=9,
)
"""Where the legends of two panels go."""


class BoxCurves(NamedTuple):
    """Accuracies at each of ``T`` thresholds."""

    thresholds: np.ndarray
    """``(T,)`` in [0, 1)."""
    gt_known: np.ndarray
    """``(T,)`` in percent, the protocol's box at IoU 0.5."""
    v2: dict[str, np.ndarray]
    """``(T,)`` in percent for any contour, by IoU, such as `'0.3'`."""

    @property
    def maxboxacc_v2(self) -> float:
        """Mean over IoUs of the curves' maxima."""
        return float(np.mean([curve.max() for curve in self.v2.values()]))


def read_box_curves(file: Path) -> BoxCurves:
    """Reads what ``tools/test.py --out`` or ``tools/eval_maps.py --out`` wrote.

    Raises:
        FileNotFoundError: No such file.
        ValueError: It is something else, or was evaluated without IoU 0.5.
    """
    if not file.is_file():
        raise FileNotFoundError(
            f'Expected the results of an evaluation at {file}, but there is no such file.'
        )
    content = read_json(file)
    curves = content.get('curves') if isinstance(content, dict) else None
    if not isinstance(curves, dict) or 'gt_known_iou50' not in curves:
        raise ValueError(
            f"Expected `curves` with 'gt_known_iou50' in {file}, but there are none; write it "
            'with tools/test.py --out or tools/eval_maps.py --out, of a method that makes maps.'
        )
    start = 'v2_iou'
    try:
        thresholds = np.array(content['thresholds'], float)
        numbers = {name: np.array(curve, float) for name, curve in curves.items()}
        v2 = {
            f'{float(name.removeprefix(start)) / 100:g}': curve
            for name, curve in numbers.items()
            if name.startswith(start)
        }
        for own in (content['thresholds'], *curves.values()):
            if len(own) != len(thresholds) or not all(map(is_number, own)):
                raise ValueError('other values, or more or fewer')
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ValueError(
            f'Expected `thresholds`, and a number for each in the `curves` of {file}, but '
            f'got {repr(error)[:200]}.'
        ) from None
    return BoxCurves(thresholds, numbers['gt_known_iou50'], v2)


def plot_box_curves(runs: dict[str, BoxCurves]) -> Figure:
    """GT-known at IoU 0.5, and any contour at each IoU; a dot on every maximum.

    The left legend has the dots' heights; the right one MaxBoxAccV2, the mean height of
    a run's dots there.

    Args:
        runs: The evaluations by name.
    """
    figure = Figure(figsize=(10, 4.4), dpi=100, layout='constrained')
    left, right = figure.subplots(1, 2, sharey=True)
    ious = dict.fromkeys(iou for run in runs.values() for iou in run.v2)
    styles = dict(zip(ious, cycle(_STYLES)))
    for number, (name, run) in enumerate(runs.items()):
        color = f'C{number % 10}'
        label = f'{name} {run.gt_known.max():.1f}'
        _draw(left, run.thresholds, run.gt_known, color, label=label)
        label = f'{name} {run.maxboxacc_v2:.1f}'
        for iou, curve in run.v2.items():
            _draw(right, run.thresholds, curve, color, label=label, ls=styles[iou])
            label = None  # once in the legend
    for axes, title in (
        (left, 'GT-known Loc, IoU 0.5'),
        (right, 'MaxBoxAccV2'),
    ):
        axes.set(title=title, xlabel='threshold', xlim=(0, 1), ylim=(0, 102))
        axes.grid(alpha=0.3)
        axes.spines[['top', 'right']].set_visible(False)
    left.set_ylabel('images hit, percent')
    handles = [
        Line2D([], [], color='0.3', ls=style, label=f'IoU {iou}')
        for iou, style in styles.items()
    ]
    right.legend(handles=[*right.get_legend_handles_labels()[0], *handles], **BELOW)
    left.legend(**BELOW)
    return figure


def _draw(
    axes: Axes, thresholds: np.ndarray, accuracy: np.ndarray, color: str, **style
) -> None:
    best = accuracy.argmax()
    axes.plot(thresholds, accuracy, color=color, lw=1.4, **style)
    axes.plot(thresholds[best], accuracy[best], 'o', color=color, ms=5)
