"""Kills a training run again and again: ``python tools/soak.py --kills 20``.

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
import sys
import time
from collections import Counter
from itertools import count
from pathlib import Path

import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmpretrain.registry import HOOKS

sys.path.insert(0, str(Path(__file__).parent))

from train import configure  # noqa: E402
from train import parse_args as parse_training  # noqa: E402

from mmwsol.engine.safe_loading import load_plain  # noqa: E402

ROOT = Path(__file__).parent.parent
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
# what happens, and at which moment of a run: an iteration, or a write to disk; four of
# these belong to a checkpoint: file, its folder, the note which is the last, its folder
FAULTS = (
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


@HOOKS.register_module()
class FaultHook(Hook):
    """Does something at an iteration of training or evaluation, counted from 1."""

    priority = 'VERY_HIGH'

    def __init__(self, event: str, number: int, fault: str) -> None:
        self.left = number
        setattr(self, event, lambda runner, *args, **kwargs: self._step(fault))

    def _step(self, fault: str) -> None:
        self.left -= 1
        if self.left == 0:
            strike(fault)


def strike(fault: str) -> None:
    if fault == 'disk full':
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    os.kill(os.getpid(), signal.SIGTERM if 'SIGTERM' in fault else signal.SIGKILL)


def train(arguments: list[str], fault: tuple[str, str | None, int], log: str) -> None:
    """What tools/train.py does, with a fault; in a process of its own."""
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.chdir(ROOT)
    torch.set_num_threads(1)
    config = configure(parse_training(arguments))
    name, event, number = fault
    if event == 'write':
        writes, sync = count(1), os.fsync
        # the moment between a file's content and its name
        os.fsync = lambda file: strike(name) if next(writes) == number else sync(file)
    elif event:
        hook = dict(type='FaultHook', event=event, number=number, fault=name)
        config.custom_hooks.append(hook)
    Runner.from_cfg(config).train()


def start(
    folder: Path, options: list[str], fault: tuple[str, str | None, int] = ('', None, 0)
) -> multiprocessing.Process:
    """Starts or resumes the toy run; its output goes to FOLDER/output.txt."""
    folder.mkdir(parents=True, exist_ok=True)
    context = multiprocessing.get_context('forkserver')
    context.set_forkserver_preload(['mmwsol'])  # imports once, not for every kill
    arguments = [CONFIG, '--work-dir', str(folder), '--resume', '--cfg-options']
    process = context.Process(
        target=train,
        args=([*arguments, *OPTIONS, *options], fault, f'{folder}/output.txt'),
    )
    process.start()
    return process


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


def strike_run(folder: Path, fault: tuple[str, str | None, int], wait: float) -> int:
    """Resumes a run and lets a fault happen to it; the exit code, 0 if it ended before."""
    process = start(folder, workers(2), fault)
    if fault[1] is None:
        process.join(wait)
        if process.is_alive():
            process.kill()
    process.join()
    note = folder / 'last_checkpoint'
    damages = 'truncated' in fault[0] or 'flipped' in fault[0]
    if damages and process.exitcode and len(list(folder.glob('*.pth'))) > 1:
        spoil(Path(note.read_text()), fault[0])
    return process.exitcode


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description='Kill and resume a toy run.')
    parser.add_argument('--kills', type=int, default=20, help='how many faults')
    parser.add_argument('--seed', type=int, default=0, help='of faults and moments')
    parser.add_argument('--work-dir', default='work_dirs/soak')
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    folder = Path(args.work_dir).resolve()
    shutil.rmtree(folder, ignore_errors=True)
    chance = random.Random(args.seed)
    begin = time.time()
    start(folder / 'undisturbed', workers(0)).join()
    duration = time.time() - begin
    happened: Counter[str] = Counter()
    left, run = args.kills, 0
    while left > 0:
        run += 1
        disturbed = folder / f'disturbed_{run}'
        code = -1
        while code != 0:
            kind, event, last = FAULTS[happened.total() % len(FAULTS)]
            fault = (kind, event, chance.randint(1, last)) if event else (kind, None, 0)
            if left == 0:
                fault = ('', None, 0)
            code = strike_run(
                disturbed, fault, chance.uniform(0, duration) if left else None
            )
            if code != 0:
                if not left:
                    raise SystemExit(f'A run could not be resumed: see {disturbed}')
                happened[kind] += 1
                left -= 1
                print(f'{happened.total()}: {kind}, exit code {code}', flush=True)
        if not same_training(folder / 'undisturbed', disturbed):
            raise SystemExit(f'{disturbed} ended with other weights than undisturbed.')
        print(f'run {run} ended with the same weights', flush=True)
    print('\n| fault | times |\n|---|---|')
    for kind, times in happened.items():
        print(f'| {kind} | {times} |')
    print(
        f'\n{args.kills} faults in {run} runs, all with the same weights to the last bit.'
    )


if __name__ == '__main__':
    main()
