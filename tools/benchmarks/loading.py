"""Times the loading of a config's training images.

The page cache is warm, and rounds of all numbers of workers alternate. Images a second of the
data loader alone, medians of the rounds.
"""

import argparse
import time
from collections.abc import Callable
from copy import deepcopy
from statistics import median

import torch
from mmengine.config import Config, DictAction
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from mmengine.utils import import_modules_from_strings

ROUNDS = 5


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config')
    parser.add_argument('--images', type=int, default=1000, help='the first so many')
    parser.add_argument('--workers', type=int, nargs='+', default=[0, 1])
    parser.add_argument('--rounds', type=int, default=ROUNDS)
    parser.add_argument('--cfg-options', nargs='+', action=DictAction)
    return parser.parse_args(argv)


def loading(config: Config, images: int, workers: int) -> Callable[[], int]:
    """Loads all images once and counts them; its workers wait for the next call."""
    loader = deepcopy(config.train_dataloader)
    loader.dataset.indices = images
    loader.update(num_workers=workers, persistent_workers=workers > 0, pin_memory=False)
    built = Runner.build_dataloader(loader, seed=0)
    return lambda: sum(len(batch['inputs']) for batch in built)


def rates(loads: list[Callable[[], int]], rounds: int) -> list[float]:
    """Images a second of each, medians of alternating rounds after one that warms up."""
    found = [[] for _ in loads]
    for number in range(rounds + 1):
        for load, own in zip(loads, found):
            start = time.perf_counter()
            count = load()
            if number:
                own.append(count / (time.perf_counter() - start))
    return [median(own) for own in found]


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    config = Config.fromfile(args.config)
    if args.cfg_options:
        config.merge_from_dict(args.cfg_options)
    import_modules_from_strings(**config.custom_imports)
    init_default_scope(config.default_scope)
    torch.set_num_threads(1)
    loads = [loading(config, args.images, workers) for workers in args.workers]
    print('| workers | images a second |\n|---|---|')
    for workers, rate in zip(args.workers, rates(loads, args.rounds)):
        print(f'| {workers} | {rate:.0f} |')


if __name__ == '__main__':
    main()
