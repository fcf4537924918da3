"""Rows of metafile.yml: read them, and put runs' numbers into them."""

import re
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import numpy as np
import yaml

from mmwsol.io.text import is_number
from tools.report.runs import Run
from tools.report.scalars import METRICS
from tools.report.settings import check_setting, in_words
from tools.report.yaml_file import read_yaml

LONGEST = 1000
LOC = ('Top-1 Loc', 'Top-5 Loc', 'GT-known Loc')


class Row(NamedTuple):
    """One config, its published numbers and ours."""

    method: str
    folder: str
    """Of the method below configs/; empty for a config outside the repository."""
    stem: str
    """`<backbone>_<dataset>[-<variant>]`."""
    config: str
    metrics: dict
    """As the metafile has them."""

    def cell(self, name: str) -> str:
        """Mean, and spread over seeds."""
        if name not in self.metrics:
            return '-'
        spread = self.metrics.get(f'{name} spread')
        return f'{self.metrics[name]:.1f}' + ('' if spread is None else f' ± {spread}')

    @property
    def ours(self) -> str:
        """Top-1 / Top-5 / GT-known Loc, or PxAP where masks are."""
        if not self.was_run:
            return 'not run'
        if not any(name in self.metrics for name in LOC):
            return f'PxAP {self.cell("PxAP")}'
        return ' / '.join(map(self.cell, LOC))

    @property
    def published(self) -> dict[str, float]:
        found = {name: self.metrics.get(f'Published {name}') for name in (*LOC, 'PxAP')}
        return {name: value for name, value in found.items() if value is not None}

    @property
    def was_run(self) -> bool:
        return 'Setting' in self.metrics

    def setting(self, of: int | None = None) -> str:
        """Seeds and setting in words; ``of`` is the number of images there are."""
        if not self.was_run:
            return '-'
        seeds = self.metrics['Seeds']
        words = in_words(self.metrics['Setting'], of)
        return f'seed{"s" if "," in seeds else ""} {seeds}; {words}'


def percents(values: dict[str, float]) -> str:
    """Top-1 / Top-5 / GT-known Loc as papers print them, or PxAP where masks are.

    >>> percents({'Top-1 Loc': 52.36, 'GT-known Loc': 75.4})
    '52.36 / - / 75.40'
    """
    if not values:
        return '-'
    if values.keys() == {'PxAP'}:
        return f'PxAP {values["PxAP"]:.2f}'
    return ' / '.join(f'{values[n]:.2f}' if n in values else '-' for n in LOC)


def read_metafiles(root: Path) -> tuple[list[tuple[dict, str]], list[Row]]:
    """Methods, each with its folder, and all their rows."""
    methods, rows = [], []
    for file in sorted(root.glob('configs/*/metafile.yml')):
        meta = read_yaml(file)
        try:
            (collection,) = meta['Collections']
            texts = (
                collection['Name'],
                collection['README'],
                collection['Metadata']['Summary'],
            )
            models = [(m['Config'], m['Results'][0]['Metrics']) for m in meta['Models']]
            texts_of_all = *texts, *(config for config, _ in models)
            if not all(map(is_name, texts_of_all)):
                raise ValueError('a name, README, summary or config that is no text')
            for config, metrics in models:
                _check_metrics(metrics, config)
        except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
            what = str(error) if type(error) is ValueError else repr(error)
            raise ValueError(
                f'Expected a collection and models with `Config` and `Metrics` in {file}, '
                f'but got {what[:300]}.'
            ) from None
        methods.append((collection, file.parent.name))
        rows += [
            Row(texts[0], file.parent.name, Path(config).stem, config, metrics)
            for config, metrics in models
        ]
    return methods, rows


def is_name(value: object) -> bool:
    """Whether a value is a text as short as names and paths are."""
    return isinstance(value, str) and len(value) <= LONGEST


def _check_metrics(metrics: dict, config: str) -> None:
    """Refuses what tables could not print."""
    own = [*METRICS, *(f'{name} spread' for name in METRICS)]
    for name in (*own, *(f'Published {name}' for name in METRICS)):
        if not is_number(metrics.get(name, 0)):
            raise ValueError(f'{name!r} of {config} that is no number')
    if not isinstance(metrics.get('Source', ''), str):
        raise ValueError(f'`Source` of {config} that is no text')
    if 'Setting' in metrics:
        check_setting(metrics['Setting'], config)
    if not re.fullmatch(r'\d{1,9}(, \d{1,9})*', metrics.get('Seeds', '0'), re.ASCII):
        raise ValueError(f'`Seeds` of {config} that are not like "0, 1"')
    if ('Setting' in metrics) != ('Seeds' in metrics):
        raise ValueError(f'`Setting` without `Seeds` or `Seeds` without it of {config}')


def record(runs: list[Run], root: Path) -> list[Row]:
    """Replaces what metafiles say of the configs that were run.

    Returns:
        Rows of the configs that lie outside the repository, which no metafile gets.
    """
    inside, outside = summaries(runs)
    for config, metrics in inside.items():
        _write(root / Path(config).parent / 'metafile.yml', config, metrics)
    return outside


def summaries(runs: list[Run]) -> tuple[dict[str, dict], list[Row]]:
    """Metrics of the configs in the repository, and rows of those outside."""
    by_config = defaultdict(list)
    for run in runs:
        by_config[run.config].append(run)
    inside, outside = {}, []
    for config, own in by_config.items():
        path, metrics = Path(config), summary(own)
        if path.is_absolute():
            name = f'{path.parent.name}/{path.stem}'
            outside.append(Row(name, '', own[0].stem, config, metrics))
        else:
            inside[config] = metrics
    return inside, outside


def with_runs(rows: list[Row], inside: dict[str, dict]) -> list[Row]:
    """Rows with other runs than the metafiles have, which stay as they are."""
    unknown = sorted(inside.keys() - {row.config for row in rows})
    if unknown:
        raise ValueError(f'Expected a row for {unknown[0]} in its metafile.yml.')
    return [
        row._replace(metrics={**_published(row.metrics), **inside[row.config]})
        if row.config in inside
        else row
        for row in rows
    ]


def _published(metrics: dict) -> dict:
    """What a run does not replace."""
    return {
        name: value
        for name, value in metrics.items()
        if name.startswith('Published') or name == 'Source'
    }


def _write(file: Path, config: str, metrics: dict) -> None:
    meta = read_yaml(file) if file.exists() else {}
    rows = [row for row in meta.get('Models', ()) if row['Config'] == config]
    if not rows:
        raise ValueError(f'Expected a row for {config} in {file}, but found none.')
    (result,) = rows[0]['Results']
    result['Metrics'] = {**_published(result['Metrics']), **metrics}
    text = yaml.safe_dump(meta, sort_keys=False, allow_unicode=True, width=100)
    file.write_text(text, encoding='utf-8')


def summary(runs: list[Run]) -> dict:
    """Mean, and spread over seeds, of the runs of one config."""
    seeds = sorted(run.seed for run in runs)
    if len(set(seeds)) < len(seeds):
        raise ValueError(
            f'Expected runs of {runs[0].config} with a seed each, but got {seeds}; give '
            'tools/test.py the seed of the training: --cfg-options randomness.seed=1.'
        )
    settings = sorted({in_words(run.setting) for run in runs})
    if len(settings) > 1:
        raise ValueError(
            f'Expected runs of {runs[0].config} under one setting, but got:\n'
            + '\n'.join(settings)
        )
    lines: dict = {}
    for name in METRICS:
        values = [run.metrics[name] for run in runs if name in run.metrics]
        if values:
            lines[name] = round(float(np.mean(values)), 1)
        if len(values) > 1:
            lines[f'{name} spread'] = round(float(np.std(values)), 1)
    lines['Seeds'] = ', '.join(map(str, seeds))
    lines['Setting'] = dict(runs[0].setting)
    minutes = round(float(np.mean([run.minutes for run in runs])))
    if minutes:
        lines['Setting']['minutes'] = minutes
    lines['Setting']['date'] = max(run.date for run in runs)
    return lines
