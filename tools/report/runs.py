"""Numbers and circumstances of runs, from their work folders."""

import re
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from mmengine.config import Config

from mmwsol.io.text import read_text
from tools.report.scalars import METRICS, is_evaluation, read_entries, starts_of
from tools.report.settings import MAP_MAKER, read_setting

# where configs/ has a shorter word than the class
DATASETS = dict(ImageNetLoc='ilsvrc', ToyShapes='toy')


class Run(NamedTuple):
    """What one work folder tells."""

    config: str
    """Its file: relative to the repository, or absolute if it lies elsewhere."""
    stem: str
    """Backbone and data set in the words of configs/, such as `resnet50_cub`."""
    seed: int
    metrics: dict[str, float]
    setting: dict
    """What :class:`tools.report.settings.Setting` describes."""
    minutes: float
    """Training time with its evaluations; 0 where nothing was trained."""
    date: str
    """The day of the evaluation."""
    map_maker: str | None = None
    """What made the maps, where the command line says so and not the config."""


def read_run(folder: Path) -> Run:
    """Numbers and circumstances of a work folder; the newest evaluation counts.

    The folder of an evaluation alone may lie in that of its training. The folder's config is
    executed, as every config is.
    """
    found = None
    for start in starts_of(folder):
        # tools/test.py writes the first, tools/train.py the second
        for file in (start / f'{start.name}.json', start / 'vis_data/scalars.json'):
            for entry in read_entries(file):
                if is_evaluation(entry):
                    found = start, entry, file.parent == start
    if found is None:
        raise ValueError(
            f'Expected the work folder of a run that was evaluated, but {folder} has no '
            'localisation metrics.'
        )
    training, minutes = _training(folder)
    if training is None:
        training, minutes = _training(folder.parent)
    start, entry, tested = found
    config, training = _config(start), _config(training or start)
    options = dict.fromkeys(
        [*training.origin.get('options', ()), *config.origin.get('options', ())]
    )
    file = config.origin.config
    setting = read_setting(config, entry, tested, options)
    asked = any(option.startswith(MAP_MAKER) for option in options)
    return Run(
        file,
        _describe(config) if Path(file).is_absolute() else Path(file).stem,
        training.randomness.seed,
        {name: entry[key] for name, key in METRICS.items() if key in entry},
        setting,
        minutes,
        f'{span(start)[1]:%Y-%m-%d}',
        setting.get('map_maker') if asked else None,
    )


def _training(folder: Path) -> tuple[Path | None, float]:
    """The last start that trained, and the minutes of all that did."""
    training, minutes = None, 0.0
    for start in starts_of(folder):
        if any('loss' in e for e in read_entries(start / 'vis_data/scalars.json')):
            first, last = span(start)
            training, minutes = start, minutes + (last - first).total_seconds() / 60
    return training, minutes


def _config(start: Path) -> Config:
    config = Config.fromfile(start / 'vis_data/config.py')
    if 'origin' not in config:
        raise ValueError(
            f'Expected a run of tools/train.py or tools/test.py in {start}, but its config '
            'does not say which file it came from (`origin`).'
        )
    return config


def span(start: Path) -> tuple[datetime, datetime]:
    """The first and the last time in the log of a start."""
    file = start / f'{start.name}.log'
    text = read_text(file)
    stamps = re.findall(r'^(\d{4}/\d\d/\d\d \d\d:\d\d:\d\d)', text, re.M | re.ASCII)
    try:
        first, last = (
            datetime.strptime(stamp, '%Y/%m/%d %H:%M:%S')
            for stamp in (stamps[0], stamps[-1])
        )
    except (IndexError, ValueError):
        raise ValueError(f'Expected a log with dates and times in {file}.') from None
    return first, last


def _describe(config: Config) -> str:
    """Backbone and data set of a config whose name need not tell them."""
    backbone = config.model.get('module', config.model).backbone
    depth = backbone.get('depth', '')
    data = config.test_dataloader.dataset.type
    dataset = DATASETS.get(data, data.removesuffix('Loc').lower())
    return f'{backbone.type.removeprefix("Tap").lower()}{depth}_{dataset}'
