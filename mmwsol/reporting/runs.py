"""Numbers of runs, from their work folders into metafile.yml."""

import json
import re
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import yaml
from mmengine.config import Config

METRICS = {
    'GT-known Loc': 'loc/gt_known',
    'Top-1 Loc': 'loc/top1',
    'Top-5 Loc': 'loc/top5',
    'MaxBoxAccV2': 'loc/maxboxacc_v2',
    'PxAP': 'pix/pxap',
    'Top-1 class': 'accuracy/top1',
}


class Run(NamedTuple):
    """What one work folder tells."""

    config: str
    seed: int
    metrics: dict[str, float]
    setting: str
    """Protocol, data, length and hardware, in words."""
    minutes: float
    """From the first line of the logs to the last; 0 where nothing was trained."""


def read_run(folder: Path) -> Run:
    """Numbers and circumstances of a work folder; the newest evaluation counts."""
    starts = sorted(path.parent for path in folder.glob('*/vis_data'))
    found: dict = {}
    trained, span = False, 0.0
    for start in starts:
        for file in (start / f'{start.name}.json', start / 'vis_data/scalars.json'):
            for line in file.read_text().splitlines() if file.exists() else ():
                entry = json.loads(line)
                trained |= 'loss' in entry
                judged = entry.keys() & {'loc/gt_known', 'pix/pxap'}
                found = entry if judged else found
        span += _minutes(start / f'{start.name}.log')
    if not found:
        raise ValueError(
            f'Expected the work folder of a run that was evaluated, but {folder} has no '
            'localisation metrics.'
        )
    config = Config.fromfile(starts[-1] / 'vis_data/config.py')
    if 'origin' not in config:
        raise ValueError(
            f'Expected a run of tools/train.py or tools/test.py in {folder}, but its config '
            'does not say which file it came from (`origin`).'
        )
    return Run(
        config.origin.config,
        config.randomness.seed,
        {name: found[key] for name, key in METRICS.items() if key in found},
        _setting(config, found),
        span if trained else 0.0,
    )


def _minutes(log: Path) -> float:
    stamps = re.findall(r'^(\d{4}/\d\d/\d\d \d\d:\d\d:\d\d)', log.read_text(), re.M)
    first, last = (
        datetime.strptime(stamp, '%Y/%m/%d %H:%M:%S')
        for stamp in (stamps[0], stamps[-1])
    )
    return (last - first).total_seconds() / 60


def _setting(config: Config, metrics: dict) -> str:
    evaluators = config.get('val_evaluator') or config.test_evaluator
    boxes = [
        e for e in evaluators if e['type'] == 'MaxBoxAccV2'
    ]  # none where masks are
    rules = ''.join(
        f'protocol {e.get("protocol", "wsolevaluation")}, '
        f'threshold {e.get("threshold", "oracle")}, '
        for e in boxes
    )
    count = metrics['loc/num_images' if boxes else 'pix/num_images']
    maps = config.model.head.get('map_classes', 'gt')
    which = {
        'gt': "true class's map",
        'all': "mean over all classes' maps",
    }.get(maps, f"mean over the top {maps} classes' maps")
    loader = config.get('val_dataloader') or config.test_dataloader
    kind = 'held-out' if loader.dataset.get('split') == 'val' else 'test'
    return (
        f'{count:.0f} {kind} images, {rules}{which}, '
        f'{config.train_cfg.max_epochs} epochs, {config.origin.device}'
    )


def record(runs: list[Run], root: Path) -> None:
    """Replaces what metafiles say of the configs that were run."""
    by_config = defaultdict(list)
    for run in runs:
        by_config[run.config].append(run)
    for config, own in by_config.items():
        file = root / Path(config).parent / 'metafile.yml'
        meta = yaml.safe_load(file.read_text(encoding='utf-8'))
        rows = [row for row in meta['Models'] if row['Config'] == config]
        if not rows:
            raise ValueError(f'Expected a row for {config} in {file}, but found none.')
        (result,) = rows[0]['Results']
        kept = {
            name: value
            for name, value in result['Metrics'].items()
            if name.startswith('Published') or name == 'Source'
        }
        result['Metrics'] = {**kept, **summary(own)}
        text = yaml.safe_dump(meta, sort_keys=False, allow_unicode=True, width=100)
        file.write_text(text, encoding='utf-8')


def summary(runs: list[Run]) -> dict:
    """Mean, and spread over seeds, of the runs of one config."""
    lines: dict = {}
    for name in METRICS:
        values = [run.metrics[name] for run in runs if name in run.metrics]
        if values:
            lines[name] = round(float(np.mean(values)), 1)
        if len(values) > 1:
            lines[f'{name} spread'] = round(float(np.std(values)), 1)
    lines['Seeds'] = ', '.join(str(seed) for seed in sorted(run.seed for run in runs))
    settings = {run.setting for run in runs}
    if len(settings) > 1:
        raise ValueError(
            f'Expected runs of {runs[0].config} under one setting, but got:\n'
            + '\n'.join(sorted(settings))
        )
    minutes = float(np.mean([run.minutes for run in runs]))
    time = f', {minutes:.0f} min a run' if minutes else ''
    lines['Setting'] = settings.pop() + time
    return lines
