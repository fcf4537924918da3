"""A metric of one data set by method and backbone, as a bar chart."""

import math
import textwrap
from typing import NamedTuple

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from tools.report.scalars import METRICS
from tools.report.settings import in_words

_SLOT = 0.37
"""Width of a bar with its distance to the next, in inches."""


class Bars(NamedTuple):
    """Means and spreads, ``M`` methods of ``B`` backbones; NaN where there is none."""

    metric: str
    methods: list[str]
    backbones: list[str]
    means: np.ndarray
    """``(M, B)`` in percent, NaN: not run."""
    spreads: np.ndarray
    """``(M, B)`` over seeds, NaN: one seed."""
    lacking: np.ndarray
    """``(M, B)`` bool: run, but without this metric, as a box without a map is."""
    captions: list[str]
    """The settings that the numbers were measured in, a line for each."""


def read_bars(
    results: list[dict],
    dataset: str,
    metric: str = 'MaxBoxAccV2',
    backbones: list[str] | None = None,
) -> Bars:
    """The bars of a data set; variants of a config are left out.

    Args:
        results: The results, as :func:`tools.report.export.read_results` gives them.
        dataset: The name that configs/ have for it, such as `'cub'`.
        metric: A name of :data:`tools.report.scalars.METRICS`.
        backbones: The only ones, in this order; by default all that have a config.

    Raises:
        ValueError: Nothing of it has been run, or the data set, metric or backbone is not
            there.
    """
    if metric not in METRICS:
        raise ValueError(
            f'Expected the metric to be one of {tuple(METRICS)}, but got {metric!r}.'
        )
    own = [r for r in results if r['dataset'] == dataset and not r['variant']]
    if not own:
        known = sorted({r['dataset'] for r in results})
        raise ValueError(
            f'Expected the data set to be one of {known}, as the results call them, but '
            f'got {dataset!r}.'
        )
    known = sorted({r['backbone'] for r in own})
    unknown = [name for name in backbones or () if name not in known]
    if unknown:
        raise ValueError(
            f'Expected backbones on {dataset} to be among {known}, but got {unknown[0]!r}.'
        )
    backbones = list(backbones or known)
    own = [r for r in own if r['backbone'] in backbones]
    # in the order of their names, as everywhere; a letter's case does not count
    methods = sorted({r['method'] for r in own}, key=str.lower)
    means = np.full((len(methods), len(backbones)), np.nan)
    spreads = means.copy()
    lacking = np.zeros(means.shape, bool)
    for result in own:
        at = methods.index(result['method']), backbones.index(result['backbone'])
        if metric not in result['metrics']:
            lacking[at] = bool(result['metrics'])
        else:
            number = result['metrics'][metric]
            means[at] = number['mean']
            if number['spread'] is not None:
                spreads[at] = number['spread']
    if np.isnan(means).all():
        raise ValueError(
            f'Expected {metric} of at least one run on {dataset}, but none of its '
            f'{len(own)} configs has it; record runs with python -m tools.report --runs.'
        )
    return Bars(
        metric, methods, backbones, means, spreads, lacking, _captions(own, metric)
    )


def _captions(results: list[dict], metric: str) -> list[str]:
    """Methods of each setting, and the setting in words; one for all stands alone."""
    by_words: dict[str, list[str]] = {}
    for result in sorted(results, key=lambda r: r['method'].lower()):
        if metric in result['metrics']:
            setting = {
                key: value
                for key, value in result['setting'].items()
                if key not in ('minutes', 'date')  # do not change the number
            }
            seeds = len(result['seeds'])
            words = f'{in_words(setting)}; {seeds} seed{"s" if seeds > 1 else ""}'
            names = by_words.setdefault(words, [])
            if result['method'] not in names:
                names.append(result['method'])
    if len(by_words) == 1:
        return list(by_words)
    return [f'{", ".join(names)}: {words}' for words, names in by_words.items()]


def plot_bars(bars: Bars) -> Figure:
    """A group for each backbone, a bar for each method, its value on it.

    What was not run keeps its place, hatched, and so does, empty, a run without the metric; a
    spread over seeds is an error bar.
    """
    methods, backbones = len(bars.methods), len(bars.backbones)
    width = max(7.0, _SLOT * (methods + 1) * backbones + 1.0)
    captions = [
        line
        for caption in bars.captions
        for line in textwrap.wrap(caption, int(19 * width), subsequent_indent='   ')
    ]
    columns = min(methods, int(width / 1.1))
    legend = 0.2 + 0.2 * math.ceil(methods / columns)  # its height in inches
    height = 3.35 + legend + 0.16 * len(captions)
    figure = Figure(figsize=(width, height), dpi=100)
    below = (0.45 + 0.16 * len(captions)) / height
    axes = figure.add_axes(
        (0.7 / width, below, 1 - 0.9 / width, 1 - below - (legend + 0.1) / height)
    )
    reach = float(np.nanmax(bars.means + np.nan_to_num(bars.spreads)))
    top = min(100.0, 1.15 * reach + 5)
    step = 1 / (methods + 1)
    palette = colormaps['tab10' if methods <= 10 else 'tab20'].colors
    colors = [palette[m % len(palette)] for m in range(methods)]
    for m in range(methods):
        places = np.arange(backbones) + (m + 1) * step - 0.5
        known = ~np.isnan(bars.means[m])
        color = colors[m]
        axes.bar(places[known], bars.means[m][known], 0.9 * step, color=color)
        for place, mean, spread, lacks in zip(
            places, bars.means[m], bars.spreads[m], bars.lacking[m]
        ):
            if np.isnan(mean):
                if not lacks:
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
        handles=[Patch(color=c, label=name) for c, name in zip(colors, bars.methods)],
        loc='upper center',
        ncols=columns,
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
