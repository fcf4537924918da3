"""Whole toy runs in processes of their own, for tools and tests that compare or watch them."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from mmengine.config import Config
from mmengine.runner import Runner

from mmwsol.engine.launch import training_config
from tests.support import processes, soak


class Toy(NamedTuple):
    """A config, and what makes it short."""

    config: str
    options: list[str]


ADL = Toy(soak.CONFIG, soak.OPTIONS)
PNSC = Toy(  # whose classes may not be mixed
    'configs/pnsc/resnet18_toy.py',
    [option for option in soak.OPTIONS if not option.startswith('model.')],
)


def unchanged(config: Config) -> None:
    """Leaves a config as it is."""


def train_toy(
    toy: Toy,
    folder: Path,
    options: list[str],
    prepare: Callable[[Config], None] = unchanged,
    threads: int = 1,
) -> None:
    """Trains in a process of its own, from the start to the end.

    Args:
        toy: The run.
        folder: Its folder; the output goes to FOLDER/output.txt.
        options: Settings besides the toy's.
        prepare: Changes the config.
        threads: The number of torch's threads.

    Raises:
        RuntimeError: With the run's output, if it failed.
    """
    folder.mkdir(parents=True)
    log = folder / 'output.txt'
    arguments = [toy.config, '--work-dir', str(folder), '--cfg-options']
    work = partial(_train, [*arguments, *toy.options, *options], prepare)
    process = processes.start(work, log, threads)
    process.join()
    if process.exitcode:
        raise RuntimeError(log.read_text(encoding='utf-8'))


def _train(arguments: list[str], prepare: Callable[[Config], None]) -> None:
    config = training_config(arguments)
    prepare(config)
    Runner.from_cfg(config).train()
