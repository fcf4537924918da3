"""What a plan's runs came to: one file of numbers, and tables."""

import json
from pathlib import Path

import numpy as np

from mmwsol.io.atomic import write_atomic
from tools.report.metafiles import percents, read_metafiles
from tools.report.scalars import METRICS
from tools.reproduce.plan import Plan, PlannedRun
from tools.reproduce.steps import Step, read_result

FORMAT = 1
PROTOCOLS = {
    'oracle': 'the threshold that is best on the test images, as in the papers',
    'from_split': 'the threshold that is best on training images held out of training',
}
COLUMNS = {**METRICS, 'BoxAccV2': 'loc/boxacc_v2', 'threshold': 'loc/threshold'}

Results = dict[str, dict[str, dict[int, dict]]]
"""Metrics by run, protocol and seed."""


def results_of(plan: Plan, chains: dict[tuple[str, int], list[Step]]) -> Results:
    """All results that are there, as tools/test.py wrote them."""
    results: Results = {}
    for run in plan.runs:
        own = results.setdefault(run.name, {})
        for (name, seed), steps in chains.items():
            for step in steps if name == run.name else ():
                found = read_result(step.folder.parent / f'{step.what}.json')
                if step.what in PROTOCOLS and found:
                    own.setdefault(step.what, {})[seed] = found
    return results


def write_results(plan: Plan, results: Results, root: Path, file: Path) -> None:
    """Writes all numbers, for programs.

    ``{"format": 1, "plan": "gpu", "runs": {...}}``, where ``runs`` has for each run its
    ``config``, its ``published`` numbers in percent, and under ``results``, for each
    protocol and seed, the metrics of the last checkpoint: numbers alone, no times.
    """
    published = _published(plan, root)
    runs = {
        run.name: dict(
            config=run.config,
            parts=run.parts,
            held_out=run.held_out,
            published=published[run.name],
            results={
                protocol: {
                    str(seed): {k: v for k, v in metrics.items() if _counts(k, v)}
                    for seed, metrics in sorted(by_seed.items())
                }
                for protocol, by_seed in results[run.name].items()
            },
        )
        for run in plan.runs
    }
    content = dict(format=FORMAT, plan=plan.name, runs=runs)
    text = json.dumps(content, indent=1) + '\n'
    write_atomic(file, text)


def write_tables(plan: Plan, results: Results, root: Path, file: Path) -> str:
    """Writes a table for each part and protocol, for readers; gives the text."""
    published = _published(plan, root)
    parts = dict.fromkeys(part for run in plan.runs for part in run.parts)
    lines = [f'# {plan.name}: {plan.about}', '']
    for part in parts:
        runs = [run for run in plan.runs if part in run.parts]
        for protocol, words in PROTOCOLS.items():
            if any(protocol in results[run.name] for run in runs):
                lines += [f'## {part}, `{protocol}`', '', f'Percent; {words}.', '']
                lines += [*_table(runs, protocol, results, published), '']
    text = '\n'.join(lines)
    write_atomic(file, text)
    return text


def _counts(key: str, value: object) -> bool:
    return isinstance(value, (int, float)) and 'time' not in key


def _published(plan: Plan, root: Path) -> dict[str, dict[str, float]]:
    rows = {row.config: row.published for row in read_metafiles(root)[1]}
    return {run.name: rows.get(run.published, {}) for run in plan.runs}


def _table(
    runs: list[PlannedRun], protocol: str, results: Results, published: dict
) -> list[str]:
    own = {run.name: list(results[run.name].get(protocol, {}).values()) for run in runs}
    some = [metrics for several in own.values() for metrics in several]
    columns = {n: k for n, k in COLUMNS.items() if any(k in m for m in some)}
    head = ('run', *columns, 'seeds', 'published: Top-1 / Top-5 / GT-known')
    lines = [head, ['---'] * len(head)]
    for run in runs:
        seeds = ', '.join(map(str, sorted(results[run.name].get(protocol, {}))))
        cells = [
            _cell([m[key] for m in own[run.name] if key in m], name)
            for name, key in columns.items()
        ]
        beside = percents(published[run.name])
        of = '' if run.published == run.config else f' ({Path(run.published).stem})'
        lines.append((run.name, *cells, seeds or 'not run', f'{beside}{of}'))
    return [f'| {" | ".join(line)} |' for line in lines]


def _cell(values: list[float], name: str) -> str:
    if not values:
        return '-'
    digits = 3 if name == 'threshold' else 1
    spread = f' ± {np.std(values):.{digits}f}' if len(values) > 1 else ''
    return f'{np.mean(values):.{digits}f}{spread}'
