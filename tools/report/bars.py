"""A metric of one data set by method and backbone, for a bar chart."""

from typing import NamedTuple

import numpy as np

from tools.report.scalars import METRICS
from tools.report.settings import in_words


class Bars(NamedTuple):
    """Means and spreads, ``M`` methods of ``B`` backbones; NaN where there is none."""

    metric: str
    methods: list[str]
    backbones: list[str]
    means: np.ndarray
    """``(M, B)`` in percent, NaN: not run."""
    spreads: np.ndarray
    """``(M, B)`` over seeds, NaN: one seed."""
    captions: list[str]
    """Under what the numbers were measured, a line for each setting."""


def read_bars(
    results: list[dict],
    dataset: str,
    metric: str = 'MaxBoxAccV2',
    backbones: list[str] | None = None,
) -> Bars:
    """The bars of a data set; variants of a config are left out.

    Args:
        results: As :func:`tools.report.read_results` gives them.
        dataset: `'cub'`: as configs/ call it.
        metric: Of :data:`tools.report.runs.METRICS`.
        backbones: These alone, in this order; by default all that have a config.

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
    for result in own:
        if metric in result['metrics']:
            at = methods.index(result['method']), backbones.index(result['backbone'])
            number = result['metrics'][metric]
            means[at] = number['mean']
            if number['spread'] is not None:
                spreads[at] = number['spread']
    if np.isnan(means).all():
        raise ValueError(
            f'Expected {metric} of at least one run on {dataset}, but none of its '
            f'{len(own)} configs has it; record runs with tools/report.py --runs.'
        )
    return Bars(metric, methods, backbones, means, spreads, _captions(own, metric))


def _captions(results: list[dict], metric: str) -> list[str]:
    """Methods of each setting, and the setting in words; one for all stands alone."""
    by_words: dict[str, list[str]] = {}
    for result in sorted(results, key=lambda r: r['method'].lower()):
        if metric in result['metrics']:
            setting = {
                key: value
                for key, value in result['setting'].items()
                if key not in ('minutes', 'date')  # of a run, not of its number
            }
            seeds = len(result['seeds'])
            words = f'{in_words(setting)}; {seeds} seed{"s" if seeds > 1 else ""}'
            names = by_words.setdefault(words, [])
            if result['method'] not in names:
                names.append(result['method'])
    if len(by_words) == 1:
        return list(by_words)
    return [f'{", ".join(names)}: {words}' for words, names in by_words.items()]
