"""Trains a toy run for many epochs: ``python -m tests.support.long_run --plot usage.png``.

Every epoch is evaluated and saved. What the process then takes is noted, once with workers
that live as long as the run and once with workers that are started for every epoch.
"""

import argparse
import tempfile
import time
from functools import partial
from pathlib import Path

from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmpretrain.registry import HOOKS

from mmwsol.visualization.figures import save_figure
from tests.support.toy_run import ADL, train_toy
from tests.support.usage import Usage, growth, plot_usage, usage

WORKERS = {'workers of the whole run': True, 'workers of an epoch': False}
WARM_UP = 3
"""Epochs after which everything has been loaded and built that ever will be."""


@HOOKS.register_module(force=True)  # the file may be loaded twice
class UsageHook(Hook):
    """Writes a line after every evaluation: what the process takes."""

    priority = 'LOWEST'

    def __init__(self, file: str) -> None:
        self.file = Path(file)

    def after_val_epoch(self, runner: Runner, metrics: dict | None = None) -> None:
        time.sleep(0.05)  # a thread that was joined is listed for a moment yet
        with self.file.open('a', encoding='utf-8') as out:
            print(*usage(), sep=',', file=out)


def watch(config: Config, file: Path) -> None:
    config.custom_hooks.append(dict(type='UsageHook', file=str(file)))


def run(folder: Path, epochs: int, persistent: bool) -> list[Usage]:
    """Trains, and says what was taken after each epoch."""
    options = [f'train_cfg.max_epochs={epochs}']
    for loader, workers in (('train_dataloader', 2), ('val_dataloader', 1)):
        options.append(f'{loader}.num_workers={workers}')
        options.append(f'{loader}.persistent_workers={persistent}')
    file = folder / 'usage.csv'
    train_toy(ADL, folder, options, partial(watch, file=file))
    lines = file.read_text(encoding='utf-8').splitlines()
    return [Usage(*map(int, line.split(','))) for line in lines]


def row(name: str, noted: list[Usage]) -> str:
    """A line of the table, without the epochs of warming up."""
    settled = noted[WARM_UP:]
    cells = [name, len(noted)]
    for field in ('memory', 'workers_memory'):
        amounts = [getattr(one, field) for one in settled]
        cells += [f'{amounts[0] / 1e6:.1f}', f'{amounts[-1] / 1e6:.1f}']
        cells.append(f'{growth(amounts) / 1e3:.1f}')
    for field in ('files', 'threads', 'workers'):
        amounts = [getattr(one, field) for one in settled]
        ends = dict.fromkeys((min(amounts), max(amounts)))
        cells.append(' to '.join(map(str, ends)))
    return '| ' + ' | '.join(map(str, cells)) + ' |'


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description='Watch a long toy run.')
    parser.add_argument('--epochs', type=int, default=200)
    parser.add_argument('--plot', type=Path, help='picture file')
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    memory = f'MB, epoch {WARM_UP + 1} | last | kB an epoch'
    print(f'| workers | epochs | memory, {memory} | workers, {memory} ', end='')
    print('| open files | threads | workers |\n' + '|---' * 11 + '|')
    noted = {}
    with tempfile.TemporaryDirectory(prefix='long_run_') as folder:
        for name, persistent in WORKERS.items():
            noted[name] = run(Path(folder) / name, args.epochs, persistent)
            print(row(name, noted[name]), flush=True)
    if args.plot:
        save_figure(plot_usage(noted), args.plot)


if __name__ == '__main__':
    main()
