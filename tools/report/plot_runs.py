"""Several evaluations' accuracies over thresholds in one picture."""

from itertools import cycle

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from tools.report.box_curves import BoxCurves

_STYLES = ('-', '--', ':', '-.')
BELOW = dict(
    loc='upper center',
    bbox_to_anchor=(0.5, -0.16),
    ncols=3,
    frameon=False,
    fontsize=9,
)
"""Where the legends of two panels beside each other go."""


def plot_runs(runs: dict[str, BoxCurves]) -> Figure:
    """GT-known at IoU 0.5, and any contour at each IoU; a dot on every maximum.

    The left legend has the dots' heights; the right one MaxBoxAccV2, the mean height of
    a run's dots there.

    Args:
        runs: By name.
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
