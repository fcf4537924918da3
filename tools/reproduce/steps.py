"""The commands of a plan's runs, and whether what they leave is there."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlparse

from mmengine.config import Config

from mmwsol.engine.checkpoints import find_damage
from tools.report.scalars import is_evaluation, read_scalars
from tools.reproduce.plan import PlannedRun
from tools.reproduce.schedule import shortened

LOADERS = ('train', 'val', 'test')


class Step(NamedTuple):
    """One call of a tool."""

    run: str
    """Of the plan, with the seed."""
    what: str
    """`'training'`, or the protocol of a test."""
    command: list[str]
    """``tools/...`` and its arguments."""
    folder: Path
    """Its `--work-dir`."""
    is_done: Callable[[], bool]
    epochs: int
    """Of the training."""

    @property
    def title(self) -> str:
        return f'{self.run}, {self.what}'


class Choices(NamedTuple):
    """What the command line changes in every run of a plan."""

    root: Path
    """Of the repository."""
    work_dir: Path
    data_root: str | None = None
    weights: Path | None = None
    """Folder of the backbones' checkpoints."""
    amp: str | None = None
    epochs: int | None = None
    seeds: list[int] | None = None
    workers: int | None = None
    options: dict = {}
    """Settings of training and tests, by their dotted keys."""


def steps_of(run: PlannedRun, seed: int, choices: Choices) -> list[Step]:
    """Training, and the tests of its last checkpoint, in their order."""
    config = Config.fromfile(choices.root / run.config)
    options = _options(run, config, choices)
    config.merge_from_dict(options)
    epochs = config.train_cfg.max_epochs
    folder = choices.work_dir / run.name / f'seed_{seed}'
    title = f'{run.name}, seed {seed}'
    checkpoint = folder / f'epoch_{epochs}.pth'

    training = ['tools/train.py', run.config, '--work-dir', str(folder), '--resume']
    training += ['--seed', str(seed)]
    amp = choices.amp or run.amp
    if amp and amp != 'none':
        training += ['--amp', amp]
    held_out = run.held_out
    own = {**options, 'train_dataloader.dataset.val_per_class': held_out}
    training += _words(own if held_out else options)
    steps = [
        Step(
            title,
            'training',
            training,
            folder,
            lambda: is_trained(folder, epochs),
            epochs,
        )
    ]

    def test(protocol: str, more: dict, tta: bool) -> None:
        result = folder / f'{protocol}.json'
        command = ['tools/test.py', run.config, str(checkpoint)]
        command += ['--work-dir', str(folder / protocol), '--out', str(result)]
        command += ['--view', run.view] if run.view else []
        command += ['--tta'] if tta else []
        command += _words({**options, **run.test_options, **more})
        done = lambda: read_result(result) is not None  # noqa: E731
        steps.append(Step(title, protocol, command, folder / protocol, done, epochs))

    test('oracle', {}, run.tta)
    if held_out:
        dataset = 'test_dataloader.dataset'
        images = {f'{dataset}.split': 'val', f'{dataset}.val_per_class': held_out}
        test('held_out', images, False)  # thresholds are those of the map's own view
        threshold = f'from_split={folder / "held_out.json"}'
        test('from_split', {'test_evaluator.0.threshold': threshold}, run.tta)
    return steps


def is_trained(folder: Path, epochs: int) -> bool:
    """Whether the last checkpoint is whole and was evaluated."""
    file = folder / f'epoch_{epochs}.pth'
    return (
        file.is_file()
        and find_damage(file) is None
        and any(
            is_evaluation(entry) and entry.get('step') == epochs
            for entry in read_scalars(folder)
        )
    )


def read_result(file: Path) -> dict | None:
    """What ``tools/test.py --out`` wrote; None where it is missing or damaged."""
    try:
        content = json.loads(file.read_text(encoding='utf-8'))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) and is_evaluation(content) else None


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


def _options(run: PlannedRun, config: Config, choices: Choices) -> dict:
    """Settings of training and tests alike."""
    options = {**run.options, **choices.options}
    config = config.copy()
    config.merge_from_dict(options)
    epochs = choices.epochs or run.epochs
    if epochs:
        options |= shortened(config, epochs)
    for part in LOADERS:
        loader = config[f'{part}_dataloader']
        if choices.data_root and 'data_root' in loader.dataset:
            options[f'{part}_dataloader.dataset.data_root'] = choices.data_root
        if choices.workers is not None:
            options[f'{part}_dataloader.num_workers'] = choices.workers
            options[f'{part}_dataloader.persistent_workers'] = choices.workers > 0
    pretrained = config.model.backbone.get('init_cfg')
    if choices.weights and pretrained:
        backbone = Path(run.config).stem.partition('_')[0]
        options['model.backbone.init_cfg.checkpoint'] = str(
            weights_file(pretrained.checkpoint, backbone, choices.weights)
        )
    return options


def _words(options: dict) -> list[str]:
    """As the tools' --cfg-options read them."""
    words = [f'{key}={_word(value)}' for key, value in options.items()]
    return ['--cfg-options', *words] if words else []


def _word(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return f'[{",".join(map(_word, value))}]'
    return str(value)
