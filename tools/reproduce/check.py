"""Whether runs can begin, or go on: settings, data and weights, tried on a few images."""

import json
import shutil
import tempfile
import time
import traceback
from argparse import Namespace
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmpretrain.registry import MODELS

from mmwsol.io.atomic import write_atomic
from mmwsol.io.text import read_json
from tools import test, train
from tools.report.settings import NEUTRAL
from tools.reproduce.plan import LOADERS, ROOT, Job, job_of

FEW = 4
"""Images that are trained on and tested."""


def check(jobs: list[Job], args: Namespace) -> bool:
    """Compares settings with those that folders were begun with, and tries each kind of run.

    A try is one epoch of two steps, an evaluation, and every test, on a few images.

    Args:
        jobs: The jobs; of finished ones the settings alone are looked at.
        args: The command line.

    Returns:
        Whether there were problems. Each is printed with the run's name.
    """
    problems, tried = False, set()
    for job in jobs:
        begin = time.monotonic()
        try:
            compare_settings(job)
            if not job.is_finished():
                kind = _kind(job)
                if kind not in tried:
                    _try(job, args)
                    tried.add(kind)
                else:
                    model = job.config.model.copy()
                    model.backbone = {**model.backbone, 'init_cfg': None}
                    MODELS.build(model)
        except (
            Exception,
            SystemExit,
        ) as error:  # whatever it is, the others are looked at
            traceback.print_exc()
            what = f'{type(error).__name__}: {error}'
            print(f'check: PROBLEM {job.title}: {what}', flush=True)
            problems = True
        else:
            spent = time.monotonic() - begin
            print(f'check: {job.title}: fine, {spent:.0f} s', flush=True)
    return problems


def _kind(job: Job) -> str:
    """What two runs have in common if trying one of them is enough."""
    model, data = job.config.model, job.config.train_dataloader.dataset
    backbone = {**model.backbone, 'init_cfg': None}
    return repr((backbone, model.head.type, data, job.amp, job.run.view))


def _try(job: Job, args: Namespace) -> None:
    folder = Path(tempfile.mkdtemp(prefix='check_'))
    few = {'default_hooks.checkpoint.interval': 1, 'log_level': 'ERROR'}
    for part in LOADERS:
        few[f'{part}_dataloader.batch_size'] = FEW // 2
        few[f'{part}_dataloader.dataset.indices'] = FEW
    smaller = dict(epochs=1, work_dir=folder, workers=0)
    smaller['cfg_options'] = {**(args.cfg_options or {}), **few}
    try:
        for step in job_of(
            job.run, job.seed, Namespace(**{**vars(args), **smaller})
        ).steps:
            tool = train if step.what == 'training' else test
            tool.main([*step.command[1:], f'experiment_name=check_{time.time_ns()}'])
    finally:
        shutil.rmtree(folder)


def compare_settings(job: Job) -> None:
    """Refuses a folder that was begun with other settings.

    Where files lie does not count, nor what is about speed alone.
    """
    file = job.folder / 'settings.json'
    if not file.is_file():
        if any(job.folder.glob('*/vis_data')):
            raise ValueError(
                f'Expected {file}, which says how that folder was begun, but there is no '
                'such file; choose another --work-dir, or remove the folder.'
            )
        return
    then, now = read_json(file, dict), _settings(job)
    for key in [*now, *(key for key in then if key not in now)]:
        if now.get(key) != then.get(key):
            raise ValueError(
                f'Expected `{key}` to be {then.get(key)!r}, but got {now.get(key)!r}, as '
                f'{job.folder} was begun; choose another --work-dir, or remove that folder.'
            )


def note_settings(job: Job) -> None:
    """Writes the settings of a job that begins."""
    file = job.folder / 'settings.json'
    if not file.is_file():
        write_atomic(file, json.dumps(_settings(job), indent=1))


def _settings(job: Job) -> dict[str, Any]:
    """All that the numbers of a job depend on, by dotted keys."""
    run = job.run
    view = Config.fromfile(ROOT / run.view).to_dict() if run.view else None
    tests = dict(view=view, tta=run.tta, options=run.test_options)
    settings = {**job.config.to_dict(), 'amp': job.amp, 'tests': tests}
    return json.loads(json.dumps(_flat(settings)))


def _flat(value: Any, key: str = '') -> dict[str, Any]:
    """Leaves by their dotted keys, without those that do not count."""
    if key.endswith(NEUTRAL):
        return {}
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, (list, tuple)):
        items = enumerate(value)
    else:
        folders = isinstance(value, str) and '/' in value
        return {key: Path(value).name if folders else value}
    return {
        name: leaf
        for part, inner in items
        for name, leaf in _flat(inner, f'{key}.{part}' if key else str(part)).items()
    }
