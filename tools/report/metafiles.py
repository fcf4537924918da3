"""Rows of metafile.yml: read them, and put runs' numbers into them."""

from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import numpy as np
import yaml
from pydantic import Field, create_model, model_validator

from tools.report.runs import Run
from tools.report.scalars import METRICS
from tools.report.schema import Number, Strict, Text, read_yaml, validated
from tools.report.settings import Setting, in_words

LOC = ('Top-1 Loc', 'Top-5 Loc', 'GT-known Loc')
ALONE = ('MaxBoxAccV2', 'PxAP')
"""Printed by name where nothing else was published."""


class _Numbers(Strict):
    source: str = Field('', alias='Source')
    seeds: str | None = Field(
        None, alias='Seeds', pattern=r'^[0-9]{1,9}(, [0-9]{1,9})*$'
    )
    setting: Setting | None = Field(None, alias='Setting')

    @model_validator(mode='after')
    def _together(self) -> '_Numbers':
        if (self.seeds is None) != (self.setting is None):
            raise ValueError('`Setting` and `Seeds` stand together')
        return self


_NAMES = [f'{n}{spread}' for n in METRICS for spread in ('', ' spread')]
_NAMES += [f'Published {name}' for name in METRICS]
_Metrics = create_model(
    '_Metrics',
    __base__=_Numbers,
    **{f'm{i}': (Number, Field(0, alias=name)) for i, name in enumerate(_NAMES)},
)


class _Result(Strict):
    metrics: _Metrics = Field(alias='Metrics')


class _Model(Strict):
    config: Text = Field(alias='Config')
    results: list[_Result] = Field(alias='Results', min_length=1)


class _Metadata(Strict):
    summary: Text = Field(alias='Summary')


class _Collection(Strict):
    name: Text = Field(alias='Name')
    readme: Text = Field(alias='README')
    metadata: _Metadata = Field(alias='Metadata')


class _Metafile(Strict):
    """What tables need of a metafile; OpenMMLab's form has more."""

    collections: list[_Collection] = Field(
        alias='Collections', min_length=1, max_length=1
    )
    models: list[_Model] = Field(alias='Models')


class Row(NamedTuple):
    """One config, its published numbers and ours."""

    method: str
    folder: str
    """The method's folder below configs/; empty for a config outside the repository."""
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
        names = (*LOC, *ALONE)
        found = {name: self.metrics.get(f'Published {name}') for name in names}
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
    """Top-1 / Top-5 / GT-known Loc as papers print them, or another metric that stands alone.

    >>> percents({'Top-1 Loc': 52.36, 'GT-known Loc': 75.4})
    '52.36 / - / 75.40'
    >>> percents({'MaxBoxAccV2': 63.7})
    'MaxBoxAccV2 63.70'
    """
    if not values:
        return '-'
    if len(values) == 1 and (name := next(iter(values))) in ALONE:
        return f'{name} {values[name]:.2f}'
    return ' / '.join(f'{values[n]:.2f}' if n in values else '-' for n in LOC)


def read_metafiles(root: Path) -> tuple[list[tuple[dict, str]], list[Row]]:
    """Methods, each with its folder, and all their rows."""
    methods, rows = [], []
    for file in sorted(root.glob('configs/*/metafile.yml')):
        meta = read_yaml(file)
        validated(meta, _Metafile, file)
        (collection,) = meta['Collections']
        folder = file.parent.name
        methods.append((collection, folder))
        for model in meta['Models']:
            config, metrics = model['Config'], model['Results'][0]['Metrics']
            name = collection['Name']
            rows.append(Row(name, folder, Path(config).stem, config, metrics))
    return methods, rows


def record(runs: list[Run], root: Path) -> list[Row]:
    """Replaces what metafiles say of the configs that were run.

    Returns:
        Rows of what no metafile has: configs outside the repository, and maps that the
        command line had something else make.
    """
    inside, outside = summaries(runs)
    for config, metrics in inside.items():
        _write(root / Path(config).parent / 'metafile.yml', config, metrics)
    return outside


def summaries(runs: list[Run]) -> tuple[dict[str, dict], list[Row]]:
    """Metrics of the configs in the repository, and rows of what no metafile has."""
    by_config = defaultdict(list)
    for run in runs:
        by_config[run.config, run.map_maker].append(run)
    inside, outside = {}, []
    for (config, maker), own in by_config.items():
        path, metrics = Path(config), summary(own)
        if path.is_absolute() or maker:
            name = f'{path.parent.name}/{path.stem}' + (f' by {maker}' if maker else '')
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
