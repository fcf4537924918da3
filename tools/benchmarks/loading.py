"""Times the loading of a config's training images.

The page cache is warm, and rounds of all numbers of workers alternate. Images a second of the
data loader alone, medians of the rounds.
"""

import argparse
import time
from collections.abc import Callable, Iterable
from copy import deepcopy
from itertools import chain, repeat
from statistics import median
from typing import NamedTuple

import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from mmengine.utils import import_modules_from_strings

from mmwsol.command import run_tool
from mmwsol.config_files import find_config
from mmwsol.config_options import add_config_options, apply_options
from tools.benchmarks.measure import alternate
from tools.report.markdown import markdown


class DataWait(NamedTuple):
    """How long some steps of training waited for their data."""

    loader_rate: float
    """Images a second of the loader alone."""
    loop_rate: float
    """Images a second of loader and steps."""
    waiting: float
    """Share of the loop's time in which no step was made, in [0, 1]."""


def data_wait(
    loader: Iterable[dict], step: Callable[[dict], object], steps: int
) -> DataWait:
    """Runs a loader alone, and with a step on each batch.

    The first batch, for which workers start, is not measured. Batches made ahead while it
    was used make the first waits short: take more steps than workers times their
    ``prefetch_factor``.

    Args:
        loader: The loader, which is started again where it ends.
        step: The step, which gets a batch.
        steps: How many batches are measured, for each of the two.
    """
    from torch.utils.benchmark import timer as now  # logs on import

    batches = chain.from_iterable(repeat(loader))
    next(batches)
    start, images = now(), 0
    for _ in range(steps):
        images += len(next(batches)['inputs'])
    loader_rate = images / (now() - start)
    step(next(batches))
    start, images, waited = now(), 0, 0.0
    for _ in range(steps):
        asked = now()
        batch = next(batches)
        waited += time.perf_counter() - asked
        images += len(batch['inputs'])
        step(batch)
    spent = now() - start
    return DataWait(loader_rate, images / spent, waited / spent)


def loading(config: Config, images: int, workers: int) -> Callable[[], int]:
    """What loads all images once; its workers wait for the next call."""
    loader = deepcopy(config.train_dataloader)
    loader.dataset.indices = images
    loader.update(num_workers=workers, persistent_workers=workers > 0, pin_memory=False)
    built = Runner.build_dataloader(loader, seed=0)
    return lambda: sum(len(batch['inputs']) for batch in built)


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog='python -m tools.benchmarks.loading',
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('config')
    parser.add_argument('--images', type=int, default=1000, help='the first so many')
    parser.add_argument('--workers', type=int, nargs='+', default=[0, 1])
    parser.add_argument('--rounds', type=int, default=5)
    add_config_options(parser)
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    config = Config.fromfile(find_config(args.config))
    apply_options(config, args.cfg_options)
    import_modules_from_strings(**config.custom_imports)
    init_default_scope(config.default_scope)
    torch.set_num_threads(1)
    loads = {str(n): loading(config, args.images, n) for n in args.workers}
    images = next(iter(loads.values()))()
    times = alternate(loads, args.rounds)
    rows = [(n, f'{images / median(own):.0f}') for n, own in times.items()]
    print(markdown([('workers', 'images a second'), *rows]))


if __name__ == '__main__':
    run_tool(main)
