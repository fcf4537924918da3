"""Everything that a plan's runs need, tried on a few images before the first of them."""

import shutil
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from mmengine.config import Config
from mmengine.runner import Runner
from mmpretrain.registry import MODELS

from tools.reproduce.steps import Step
from tools.reproduce.unchanged import first_change

FEW = 4
"""Images that are trained on and tested."""


def check(
    chains: list[list[Step]],
    finished: list[list[Step]],
    configure: Callable[[Step], Config],
    say: Callable[[str], None],
) -> list[str]:
    """Looks at settings, data and weights, and tries each kind of run.

    Args:
        chains: Steps of each run and seed.
        finished: Those of them whose settings alone are looked at.
        configure: Makes the config of a step, as its tool does.
        say: Gets a line for each run.

    Returns:
        The problems, each with the run's name.
    """
    problems, tried = [], set()
    for chain in chains:
        title, begin = chain[0].run, time.monotonic()
        try:
            configs = [configure(step) for step in chain]
            for step, config in zip(chain, configs):
                change = first_change(config, step.folder)
                if change:
                    raise ValueError(
                        f'{change}, as {step.folder} was begun; choose another --work-dir, '
                        'or remove that folder.'
                    )
            kind = _kind(configs)
            if chain in finished:
                continue
            if kind not in tried:
                _try(chain, configs)
                tried.add(kind)
            else:
                model = configs[0].model.copy()
                model.backbone = {**model.backbone, 'init_cfg': None}
                MODELS.build(model)
        except Exception as error:  # whatever it is, the others are looked at
            traceback.print_exc()
            problems.append(f'{title}: {type(error).__name__}: {error}')
            say(f'check: PROBLEM {problems[-1]}')
        else:
            say(f'check: {title}: fine, {time.monotonic() - begin:.0f} s')
    return problems


def _kind(configs: list[Config]) -> str:
    """What two runs have in common if trying one of them is enough."""
    model = configs[0].model
    backbone = {**model.backbone, 'init_cfg': None}
    loaders = [config.test_dataloader.dataset for config in configs[1:]]
    parts = (backbone, model.head.type, configs[0].train_dataloader.dataset, loaders)
    return repr((parts, configs[0].optim_wrapper.get('type')))


def _try(chain: list[Step], configs: list[Config]) -> None:
    """One epoch of two steps, an evaluation, and every test, on a few images."""
    folder = Path(tempfile.mkdtemp(prefix='check_'))
    try:
        for step, config in zip(chain, configs):
            _shrink(config, folder, step)
            if step.what != 'training':
                config.load_from = str(folder / 'epoch_1.pth')
                for evaluator in config.test_evaluator:
                    if str(evaluator.get('threshold', '')).startswith('from_split'):
                        evaluator.threshold = 'fixed=0.5'  # there is none yet
            runner = Runner.from_cfg(config)
            runner.train() if step.what == 'training' else runner.test()
    finally:
        shutil.rmtree(folder)


def _shrink(config: Config, folder: Path, step: Step) -> None:
    config.work_dir = str(folder)
    config.experiment_name = f'check_{time.time_ns()}'
    config.log_level = 'ERROR'
    config.train_cfg.update(max_epochs=1, val_interval=1)
    config.default_hooks.checkpoint.interval = 1
    for part in ('train', 'val', 'test'):
        loader = config[f'{part}_dataloader']
        loader.update(batch_size=FEW // 2, num_workers=0, persistent_workers=False)
        loader.dataset.indices = FEW
