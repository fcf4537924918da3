"""What to train and test, read from a file such as ``configs/_plans/gpu.yml``."""

from argparse import Namespace
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlparse
from zipfile import BadZipFile, ZipFile

import yaml
from mmengine.config import Config
from pydantic import BaseModel, ConfigDict

from mmwsol.config_options import apply_options
from mmwsol.io.text import read_json, read_text
from tools.report.scalars import is_evaluation, read_scalars
from tools.report.schema import validated

ROOT = Path(__file__).resolve().parents[2]
PLANS = {file.stem: file for file in sorted(ROOT.glob('configs/_plans/*.yml'))}
LOADERS = ('train', 'val', 'test')
COUNTED_IN_EPOCHS = ('milestones', 'step_size', 'end', 'T_max', 'begin')


class PlannedRun(BaseModel):
    """One config, and what a plan changes of it."""

    model_config = ConfigDict(extra='forbid', strict=True)

    config: str
    """Its file, relative to the repository."""
    name: str
    """Name of its folder: by default ``<method>_<file>``."""
    parts: list[str] = ['main']
    """Groups that can be chosen."""
    seeds: list[int] = [0]
    amp: str | None = None
    """As for tools/train.py."""
    epochs: int | None = None
    """In place of the config's; what the schedule counts in epochs shrinks with them."""
    held_out: int = 0
    """Training images of each class that are not trained on, to choose thresholds on."""
    options: dict = {}
    """Settings of training and tests, by their dotted keys."""
    test_options: dict = {}
    """Settings of the tests alone."""
    view: str | None = None
    """Data set file with the tests' pipeline, as for tools/test.py."""
    tta: bool = False
    """Whether the class is predicted from the view's crops."""


class Plan(BaseModel):
    """A file of runs."""

    model_config = ConfigDict(extra='forbid', strict=True)

    about: str = ''
    runs: list[PlannedRun]


def read_plan(name: str, only: list[str] | None = None) -> Plan:
    """Reads a plan.

    Args:
        name: The name of a file in ``configs/_plans/``, or the path of another.
        only: Parts, or patterns of names such as ``pnsc_*``; the other runs are left out.

    Raises:
        ValueError: The file is no plan; the message says where.
        FileNotFoundError: There is no such plan, or a config of it.
    """
    file = PLANS.get(name, Path(name))
    if not file.is_file():
        raise FileNotFoundError(
            f'Expected a plan, one of {", ".join(PLANS)} or a .yml file, but got {name!r}.'
        )
    content = yaml.safe_load(read_text(file))
    if not isinstance(content, dict) or not content.get('runs'):
        raise ValueError(f'Expected `runs` in {file}, but there are none.')
    defaults = content.pop('defaults', {})
    content['runs'] = [_filled(entry, defaults) for entry in content['runs']]
    plan = validated(content, Plan, file)
    names = [run.name for run in plan.runs]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise ValueError(
            f'Expected runs of {file} with a name each, but got {twice[0]!r} twice; give '
            'them a `name`.'
        )
    for run in plan.runs:
        for key in ('config', 'view'):
            needed = getattr(run, key)
            if needed and not (ROOT / needed).is_file():
                raise FileNotFoundError(
                    f'Expected `{key}` of a run of {file} at {ROOT / needed}, but there is '
                    'no such file.'
                )
    for word in only or ():
        if not any(_fits(run, word) for run in plan.runs):
            parts = sorted({part for run in plan.runs for part in run.parts})
            raise ValueError(
                f'Expected --only to name parts ({", ".join(parts)}) or runs '
                f'({", ".join(names)}) of {file.stem}, but got {word!r}.'
            )
    if only:
        plan.runs = [r for r in plan.runs if any(_fits(r, word) for word in only)]
    return plan


def _filled(entry: dict, defaults: dict) -> dict:
    file = Path(entry.get('config', ''))
    filled = {'name': f'{file.parent.name}_{file.stem}', **defaults, **entry}
    for key in ('options', 'test_options'):
        filled[key] = {**defaults.get(key, {}), **entry.get(key, {})}
    return filled


def _fits(run: PlannedRun, word: str) -> bool:
    return word in run.parts or fnmatch(run.name, word)


class Step(NamedTuple):
    """One call of a tool."""

    what: str
    """`'training'`, or the protocol of a test."""
    command: list[str]
    """``tools/...`` and its arguments."""
    result: Path
    """The file that it ends with: the last checkpoint, or the numbers of a test."""

    def is_done(self) -> bool:
        """Whether the result is whole, and the checkpoint was evaluated."""
        if self.what != 'training':
            return read_result(self.result) is not None
        try:
            with ZipFile(self.result) as archive:
                whole = archive.testzip() is None
        except (OSError, BadZipFile):
            return False
        epochs = int(self.result.stem.removeprefix('epoch_'))
        return whole and any(
            is_evaluation(entry) and entry.get('step') == epochs
            for entry in read_scalars(self.result.parent)
        )


class Job(NamedTuple):
    """A run with one seed: its training, and the tests of its last checkpoint."""

    run: PlannedRun
    seed: int
    folder: Path
    config: Config
    """The training's, without what the seed and mixed precision change."""
    amp: str
    steps: list[Step]

    @property
    def title(self) -> str:
        return f'{self.run.name}, seed {self.seed}'

    def is_finished(self) -> bool:
        """Whether all results are there; the checkpoint may have been removed since."""
        return all(step.is_done() for step in self.steps[1:])


def jobs_of(plan: Plan, args: Namespace) -> list[Job]:
    """The jobs of all runs and seeds.

    Args:
        plan: The plan.
        args: The command line: ``work_dir``, and what it changes in every run.
    """
    return [
        job_of(run, seed, args) for run in plan.runs for seed in args.seeds or run.seeds
    ]


def job_of(run: PlannedRun, seed: int, args: Namespace) -> Job:
    """The steps of a run and their settings."""
    config = Config.fromfile(ROOT / run.config)
    options = _options(run, config, args)
    trained = dict(options)
    if run.held_out:
        trained['train_dataloader.dataset.val_per_class'] = run.held_out
    apply_options(config, trained)
    folder = args.work_dir / run.name / f'seed_{seed}'
    checkpoint = folder / f'epoch_{config.train_cfg.max_epochs}.pth'
    command = ['tools/train.py', run.config, '--work-dir', str(folder), '--resume']
    command += ['--seed', str(seed)]
    amp = args.amp or run.amp or 'none'
    command += ['--amp', amp] if amp != 'none' else []
    steps = [Step('training', command + _words(trained), checkpoint)]

    def test(protocol: str, more: dict, tta: bool) -> None:
        result = folder / f'{protocol}.json'
        command = ['tools/test.py', run.config, str(checkpoint)]
        command += ['--work-dir', str(folder / protocol), '--out', str(result)]
        command += ['--view', run.view] if run.view else []
        command += ['--tta'] if tta else []
        command += _words({**options, **run.test_options, **more})
        steps.append(Step(protocol, command, result))

    test('oracle', {}, run.tta)
    if run.held_out:
        dataset = 'test_dataloader.dataset'
        images = {f'{dataset}.split': 'val', f'{dataset}.val_per_class': run.held_out}
        test('held_out', images, False)  # thresholds are those of the map's own view
        threshold = f'from_split={folder / "held_out.json"}'
        test('from_split', {'test_evaluator.0.threshold': threshold}, run.tta)
    return Job(run, seed, folder, config, amp, steps)


def read_result(file: Path) -> dict | None:
    """What ``tools/test.py --out`` wrote; None where it is missing or damaged."""
    try:
        content = read_json(file, dict)
    except (OSError, ValueError):
        return None
    return content if is_evaluation(content) else None


def _options(run: PlannedRun, config: Config, args: Namespace) -> dict:
    """Settings of training and tests alike."""
    options = {**run.options, **(args.cfg_options or {})}
    config = config.copy()
    apply_options(config, options)
    epochs = args.epochs or run.epochs
    if epochs:
        options |= shortened(config, epochs)
    for part in LOADERS:
        loader = config[f'{part}_dataloader']
        if args.data_root and 'data_root' in loader.dataset:
            options[f'{part}_dataloader.dataset.data_root'] = args.data_root
        if args.workers is not None:
            options[f'{part}_dataloader.num_workers'] = args.workers
            options[f'{part}_dataloader.persistent_workers'] = args.workers > 0
    pretrained = config.model.backbone.get('init_cfg')
    if args.weights and pretrained:
        backbone = Path(run.config).stem.partition('_')[0]
        file = weights_file(pretrained.checkpoint, backbone, args.weights)
        options['model.backbone.init_cfg.checkpoint'] = str(file)
    return options


def shortened(config: Config, epochs: int) -> dict:
    """Settings for another number of epochs, with the rates' steps at the same share of it.

    >>> from mmengine.config import Config
    >>> config = Config(dict(
    ...     train_cfg=dict(max_epochs=100, val_interval=10),
    ...     param_scheduler=dict(type='MultiStepLR', milestones=[80], gamma=0.1)))
    >>> shortened(config, 5)
    {'train_cfg.max_epochs': 5, 'train_cfg.val_interval': 1, 'param_scheduler.milestones': [4]}
    """
    share = epochs / config.train_cfg.max_epochs

    def scaled(value: int | list[int]) -> int | list[int]:
        if isinstance(value, (list, tuple)):
            return [scaled(one) for one in value]
        return max(1, round(value * share)) if value else value

    options = {
        'train_cfg.max_epochs': epochs,
        'train_cfg.val_interval': scaled(config.train_cfg.val_interval),
    }
    several = isinstance(config.param_scheduler, (list, tuple))
    schedulers = config.param_scheduler if several else [config.param_scheduler]
    for place, scheduler in enumerate(schedulers):
        start = f'param_scheduler.{place}' if several else 'param_scheduler'
        for key in COUNTED_IN_EPOCHS:
            if key in scheduler and scheduler.get('by_epoch', True):
                options[f'{start}.{key}'] = scaled(scheduler[key])
    return options


def weights_file(address: str, backbone: str, folder: Path) -> Path:
    """The file of a folder that takes the place of a model zoo's address.

    Raises:
        FileNotFoundError: There is none; the message says by which names it is looked for.
    """
    names = (Path(urlparse(address).path).name, f'{backbone}.pth')
    for name in names:
        if (folder / name).is_file():
            return folder / name
    raise FileNotFoundError(
        f'Expected the weights {names[0]} (or {names[1]}) in {folder}, but there is no such '
        f'file; fetch {address} or leave --weights out.'
    )


def _words(options: dict) -> list[str]:
    """As the tools' --cfg-options read them."""
    words = [f'{key}={_word(value)}' for key, value in options.items()]
    return ['--cfg-options', *words] if words else []


def _word(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return f'[{",".join(map(_word, value))}]'
    return str(value)
