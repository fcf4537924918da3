"""Whole toy runs in processes of their own, for tools and tests that compare or watch them."""

import multiprocessing
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import torch
from mmengine.config import Config
from mmengine.runner import Runner

from tests.support import soak
from tools.train import configure, parse_args


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
        toy: Which one.
        folder: Of the run; the output goes to FOLDER/output.txt.
        options: That differ from the toy's.
        prepare: Changes the config.
        threads: Of the process.

    Raises:
        RuntimeError: With the run's output, if it failed.
    """
    folder.mkdir(parents=True)
    log = folder / 'output.txt'
    arguments = [toy.config, '--work-dir', str(folder), '--cfg-options']
    context = multiprocessing.get_context('forkserver')
    context.set_forkserver_preload(['mmwsol'])  # imports once, not for every run
    work = partial(_train, [*arguments, *toy.options, *options], prepare, threads, log)
    process = context.Process(target=work)
    process.start()
    process.join()
    if process.exitcode:
        raise RuntimeError(log.read_text(encoding='utf-8'))


def _train(
    arguments: list[str], prepare: Callable[[Config], None], threads: int, log: Path
) -> None:
    output = os.open(log, os.O_WRONLY | os.O_CREAT)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.chdir(soak.ROOT)
    torch.set_num_threads(threads)
    config = configure(parse_args(arguments))
    prepare(config)
    Runner.from_cfg(config).train()
