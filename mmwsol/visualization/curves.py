"""Accuracy over thresholds, drawn."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from mmwsol.functional import THRESHOLDS, BoxReport
from mmwsol.functional.pixels import EDGES, PixelReport


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


def _save(figure: Figure, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=120)
