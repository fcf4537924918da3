"""Kills a training run again and again: ``python -m tests.support.soak --kills 20``.

A toy run is trained once undisturbed, without workers, and then with two workers, killed and
resumed until all kills are used up. Every run must end with the same weights, bit for bit.
"""

import argparse
import errno
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections import Counter
from functools import partial
from itertools import count
from pathlib import Path

import torch
from mmengine.dist import get_rank
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmpretrain.registry import HOOKS

from mmwsol.engine.checkpoints import load_plain
from mmwsol.engine.launch import training_config
from tests.support import processes

# drops at random, mixes images, flips them: 3 epochs of 6 batches, the last evaluated too
CONFIG = 'configs/adl/resnet18_toy.py'
EPOCHS = 3
OPTIONS = [
    'model.backbone.base_channels=8',
    'model.backbone.stem_channels=8',
    'model.head.in_channels=64',
    'model.data_preprocessor.num_classes=6',
    'model.train_cfg.augments.type=CutMix',
    'model.train_cfg.augments.alpha=1.0',
    'train_dataloader.dataset.num_train=48',
    'train_dataloader.batch_size=8',
    'val_dataloader.dataset.num_test=6',
    'val_dataloader.batch_size=3',
    'val_dataloader.num_workers=0',
    'val_dataloader.persistent_workers=False',
    f'train_cfg.max_epochs={EPOCHS}',
    'train_cfg.val_interval=1',
]
Fault = tuple[str, str | None, int]
NO_FAULT: Fault = ('', None, 0)
# what happens, and at which moment of a run: an iteration, or a write to disk; four of
# these belong to a checkpoint: file, its folder, the note which is the last, its folder
FAULTS: tuple[Fault, ...] = (
    ('killed at a random moment', None, 0),
    ('killed in a step', 'after_train_iter', 14),
    ('killed in an evaluation', 'after_val_iter', 4),
    ('killed while a checkpoint is written', 'write', 8),
    ('SIGTERM in a step', 'after_train_iter', 14),
    ('SIGTERM in an evaluation', 'after_val_iter', 4),
    ('disk full', 'write', 8),
    ('last checkpoint truncated', 'after_train_iter', 14),
    ('a bit of the last checkpoint flipped', 'after_train_iter', 14),
)


@HOOKS.register_module(force=True)  # the file may be loaded twice
class FaultHook(Hook):
    """Does something at an iteration of training or evaluation, counted from 1.

    Args:
        event: Name of the hook's method.
        number: The iteration's number.
        fault: What happens.
        rank: The process that it happens to, if there are several.
    """

    priority = 'VERY_HIGH'

    def __init__(self, event: str, number: int, fault: str, rank: int = 0) -> None:
        self.left = number
        if get_rank() == rank:
            setattr(self, event, lambda runner, *args, **kwargs: self._step(fault))

    def _step(self, fault: str) -> None:
        self.left -= 1
        if self.left == 0:
            strike(fault)


def strike(fault: str) -> None:
    if fault == 'disk full':
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    told = told_by(fault)
    if told:  # from outside, to workers as well, as a cluster or a terminal does
        processes = [os.getpid(), *(w.pid for w in multiprocessing.active_children())]
        subprocess.run(['kill', f'-{int(told)}', *map(str, processes)], check=True)
    elif 'worker' in fault:
        os.kill(multiprocessing.active_children()[0].pid, signal.SIGKILL)
    else:
        number = signal.SIGSTOP if fault == 'stopped' else signal.SIGKILL
        os.kill(os.getpid(), number)


def told_by(fault: str) -> signal.Signals | None:
    """The signal that a fault begins with the name of."""
    return next((s for s in signal.Signals if fault.startswith(f'{s.name} ')), None)


def train(arguments: list[str], fault: Fault, rank: int) -> None:
    """What tools/train.py does, with a fault."""
    config = training_config(arguments)
    name, event, number = fault
    if event == 'write':
        writes, sync = count(1), os.fsync
        # the moment between a file's content and its name
        os.fsync = lambda file: strike(name) if next(writes) == number else sync(file)
    elif event:
        hook = dict(type='FaultHook', event=event, number=number, fault=name, rank=rank)
        config.custom_hooks.append(hook)
    Runner.from_cfg(config).train()


def start(
    folder: Path, options: list[str], fault: Fault = NO_FAULT, **environment: str
) -> multiprocessing.Process:
    """Starts or resumes the toy run, or one of its processes.

    Args:
        folder: The run's folder; the output goes to FOLDER/output.txt.
        options: Settings besides OPTIONS.
        fault: What happens to it.
        environment: What a launcher tells a process of several, such as RANK.
    """
    arguments = [CONFIG, '--work-dir', str(folder), '--resume']
    arguments += ['--launcher', 'pytorch'] if environment else []
    arguments += ['--cfg-options', *OPTIONS, *options]
    rank = environment.get('RANK', '')
    work = partial(train, arguments, fault, int(rank or 0))
    return processes.start(work, folder / f'output{rank}.txt', **environment)


def workers(number: int) -> list[str]:
    return [
        f'train_dataloader.num_workers={number}',
        f'train_dataloader.persistent_workers={number > 0}',
    ]


def spoil(file: Path, fault: str) -> None:
    """Truncates a file, or flips a bit in its middle."""
    content = bytearray(file.read_bytes())
    if 'truncated' in fault:
        del content[len(content) // 2 :]
    else:
        content[len(content) // 2] ^= 1
    file.write_bytes(content)


def same(first: object, second: object) -> bool:
    """Whether two nests of containers and tensors agree to the last bit."""
    if isinstance(first, torch.Tensor):
        return torch.equal(first, second)
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(
            same(value, second[key]) for key, value in first.items()
        )
    if isinstance(first, (list, tuple)):
        return len(first) == len(second) and all(map(same, first, second))
    return first == second


def same_training(first: Path, second: Path) -> bool:
    """Whether two work folders end with the same weights, optimizer and schedules."""
    last = f'epoch_{EPOCHS}.pth'
    ends = [load_plain(folder / last) for folder in (first, second)]
    keys = ('state_dict', 'optimizer', 'param_schedulers')
    return all(same(ends[0][key], ends[1][key]) for key in keys)


def strike_run(folder: Path, fault: Fault, wait: float | None = None) -> str:
    """Resumes a run and lets a fault happen to it.

    Args:
        folder: The run's folder.
        fault: What happens.
        wait: Seconds until the run is killed, if it is to be.

    Returns:
        What happened, or nothing if the run ended earlier.
    """
    process = start(folder, workers(2), fault)
    process.join(wait)
    if process.is_alive():
        process.kill()
    process.join()
    if process.exitcode == 0:
        return ''
    happened, expected = fault[0], -signal.SIGKILL
    told = told_by(happened)
    if told:
        expected = 128 + told
    if happened == 'disk full':
        expected = 1
    if process.exitcode != expected:
        raise SystemExit(f'{happened}: a run failed, see {folder}/output.txt')
    if 'checkpoint' in happened and fault[1] != 'write':
        if len(list(folder.glob('*.pth'))) < 2:
            return 'killed in a step'  # there is none before it
        spoil(Path((folder / 'last_checkpoint').read_text()), happened)
    return happened


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description='Kill and resume a toy run.')
    parser.add_argument('--kills', type=int, default=20, help='how many faults')
    parser.add_argument(
        '--seed', type=int, default=0, help='seed of faults and moments'
    )
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    folder = Path(tempfile.mkdtemp(prefix='soak_'))
    chance = random.Random(args.seed)
    durations = []
    for name in ('undisturbed', 'again'):  # the second without the imports
        begin = time.time()
        start(folder / name, workers(0)).join()
        durations.append(time.time() - begin)
    count_of: Counter[str] = Counter()
    runs, run_ended = 0, True
    while count_of.total() < args.kills or not run_ended:
        runs += run_ended
        fault, wait = NO_FAULT, None
        if count_of.total() < args.kills:
            name, event, last = FAULTS[count_of.total() % len(FAULTS)]
            fault = name, event, chance.randint(1, max(last, 1))
            wait = None if event else chance.uniform(0, min(durations))
        disturbed = folder / f'disturbed_{runs}'
        happened = strike_run(disturbed, fault, wait)
        run_ended = not happened
        if happened:
            count_of[happened] += 1
            print(f'{count_of.total()}: {happened}', flush=True)
        elif same_training(folder / 'undisturbed', disturbed):
            print(f'run {runs} ended with the same weights', flush=True)
        else:
            raise SystemExit(f'{disturbed} ended with other weights than undisturbed.')
    print('\n| fault | times |\n|---|---|')
    for name, times in count_of.items():
        print(f'| {name} | {times} |')
    print(f'\n{count_of.total()} faults in {runs} runs, all with the same weights.')
    shutil.rmtree(folder)


if __name__ == '__main__':
    main()
