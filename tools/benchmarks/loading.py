"""Times a config's training images: from files, from the cache, and augmented in batches.

The page cache is warm for all, and rounds of all alternate. Images a second of the data
loader alone, medians of the rounds; a batch is cropped and flipped after it is loaded.
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

from mmwsol.models.batch_augment_preprocessor import crop_and_flip

ROUNDS = 5
RANDOM = ('RandomCrop', 'RandomFlip')


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config')
    parser.add_argument('--cache', required=True, help='folder for the cache')
    parser.add_argument('--images', type=int, default=1000, help='the first so many')
    parser.add_argument('--workers', type=int, nargs='+', default=[0, 1])
    parser.add_argument('--rounds', type=int, default=ROUNDS)
    parser.add_argument('--cfg-options', nargs='+', action=DictAction)
    return parser.parse_args(argv)


def loading(
    config: Config, images: int, workers: int, cache: str, in_batches: bool
) -> Callable[[], int]:
    """Loads all images once and counts them; its workers wait for the next call."""
    loader = deepcopy(config.train_dataloader)
    steps = list(loader.dataset.pipeline)
    crop_size = None
    if in_batches:
        crop_size = next(s.crop_size for s in steps if s.type == 'RandomCrop')
        steps = [step for step in steps if step.type not in RANDOM]
    loader.dataset.update(indices=images, cache=cache, pipeline=steps)
    loader.update(num_workers=workers, persistent_workers=workers > 0, pin_memory=False)
    built = Runner.build_dataloader(loader, seed=0)
    generator = torch.Generator().manual_seed(0)

    def load() -> int:
        count = 0
        for batch in built:
            count += len(batch['inputs'])
            if crop_size:
                crop_and_flip(batch['inputs'], (crop_size, crop_size), 0.5, generator)
        return count

    return load


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
    lines = []
    for workers in args.workers:
        loads = [
            loading(config, args.images, workers, cache, in_batches)
            for cache, in_batches in (
                ('', False),
                (args.cache, False),
                (args.cache, True),
            )
        ]
        files, cached, batches = rates(loads, args.rounds)
        lines.append(
            f'| {workers} | {files:.0f} | {cached:.0f} | **{cached / files:.1f}** | '
            f'{batches:.0f} | **{batches / files:.1f}** |'
        )
    print('| workers | files | cache | ratio | cache, in batches | ratio |')
    print('|---|---|---|---|---|---|', *lines, sep='\n')


if __name__ == '__main__':
    main()
