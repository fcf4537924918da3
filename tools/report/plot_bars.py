"""A metric of methods and backbones as grouped bars."""

import textwrap

import numpy as np
from matplotlib.figure import Figure

from tools.report.bars import Bars

_SLOT = 0.37
"""Width of a bar with its distance to the next, in inches."""


def plot_bars(bars: Bars) -> Figure:
    """A group for each backbone, a bar for each method, its value on it.

    What was not run keeps its place, hatched; a spread over seeds is an error bar.
    """
    methods, backbones = len(bars.methods), len(bars.backbones)
    width = max(7.0, _SLOT * (methods + 1) * backbones + 1.0)
    captions = [
        line
        for caption in bars.captions
        for line in textwrap.wrap(caption, int(19 * width), subsequent_indent='   ')
    ]
    height = 3.9 + 0.16 * len(captions)
    figure = Figure(figsize=(width, height), dpi=100)
    below = (0.45 + 0.16 * len(captions)) / height
    axes = figure.add_axes(
        (0.7 / width, below, 1 - 0.9 / width, 1 - below - 0.55 / height)
    )
    reach = float(np.nanmax(bars.means + np.nan_to_num(bars.spreads)))
    top = min(100.0, 1.15 * reach + 5)
    step = 1 / (methods + 1)
    for m, method in enumerate(bars.methods):
        places = np.arange(backbones) + (m + 1) * step - 0.5
        known = ~np.isnan(bars.means[m])
        color = f'C{m % 10}'
        axes.bar(
            places[known], bars.means[m][known], 0.9 * step, color=color, label=method
        )
        if not known.any():  # in the legend all the same
            axes.bar([], [], color=color, label=method)
        for place, mean, spread in zip(places, bars.means[m], bars.spreads[m]):
            if np.isnan(mean):
                _not_run(axes, place, 0.9 * step, 0.35 * top)
                continue
            if not np.isnan(spread):
                axes.errorbar(place, mean, spread, color='0.2', capsize=3, lw=1)
            at = place, mean + np.nan_to_num(spread) + 0.01 * top
            axes.text(*at, f'{mean:.1f}', ha='center', va='bottom', fontsize=8)
    axes.set(xlim=(-0.5, backbones - 0.5), ylim=(0, top))
    axes.set_xticks(range(backbones), bars.backbones)
    axes.set_ylabel(f'{bars.metric}, percent')
    axes.tick_params(axis='x', length=0)
    axes.spines[['top', 'right']].set_visible(False)
    axes.yaxis.grid(alpha=0.3)
    axes.set_axisbelow(True)
    figure.legend(
        loc='upper center',
        ncols=min(methods, int(width / 1.1)),
        frameon=False,
        fontsize=9,
    )
    figure.text(
        0.15 / width, 0.1 / height, '\n'.join(captions), fontsize=7.5, va='bottom'
    )
    return figure


def _not_run(axes, place: float, width: float, height: float) -> None:
    axes.bar(
        place, height, width, fill=False, edgecolor='0.8', hatch='///', linewidth=0.8
    )
    axes.text(
        place,
        0.02 * height,
        'not run',
        rotation=90,
        ha='center',
        va='bottom',
        fontsize=7.5,
        color='0.35',
        bbox=dict(facecolor='white', edgecolor='none', pad=1),
    )
