"""Says which settings change the weights that a run ends with: ``python tools/reproduce.py``.

A toy run is trained with each setting, twice, and compared with the run without it.
"""

import argparse
import math
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import torch

sys.path.insert(0, str(Path(__file__).parent))

import soak  # noqa: E402

from mmwsol.engine.safe_loading import load_plain  # noqa: E402

TOYS = dict(adl=soak.ADL, pnsc=soak.PNSC)


class Setting(NamedTuple):
    """What differs from a run in one thread without loading workers."""

    options: list[str] = []
    threads: int = 1


SETTINGS = {
    'nothing': Setting(),
    'one worker, of an epoch': Setting(
        ['train_dataloader.num_workers=1', 'train_dataloader.persistent_workers=False']
    ),
    'two workers, of the whole run': Setting(soak.workers(2)),
    'two threads': Setting(threads=2),
    'channels first': Setting(['model.channels_last=False']),
    'fused optimizer': Setting(['optim_wrapper.optimizer.fused=True']),
    'bfloat16': Setting(['optim_wrapper.type=AutocastOptimWrapper']),
    'compiled': Setting(['compile=True']),
    'crops and flips of batches': Setting(
        [
            'model.data_preprocessor.type=BatchAugmentPreprocessor',
            'model.data_preprocessor.crop_size=88',
        ]
    ),
    'deterministic': Setting(['randomness.deterministic=True']),
    'another seed': Setting(['randomness.seed=1']),
}


def train(folder: Path, toy: soak.Toy, setting: Setting) -> dict[str, torch.Tensor]:
    """The weights that a run ends with."""
    options = [*soak.workers(0), *setting.options]
    process = soak.start(folder, options, toy=toy, threads=setting.threads)
    process.join()
    if process.exitcode:
        raise RuntimeError(f'Expected the run to end; see {folder}/output.txt')
    return load_plain(folder / f'epoch_{soak.EPOCHS}.pth')['state_dict']


def difference(
    first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]
) -> float:
    """The largest of a number; nan where names or shapes differ or a number is none.

    >>> difference(dict(a=torch.ones(2)), dict(a=torch.tensor([1.0, 1.5])))
    0.5
    """
    shapes = [{k: w.shape for k, w in weights.items()} for weights in (first, second)]
    if shapes[0] != shapes[1]:
        return math.nan
    apart = [(first[k].double() - second[k]).abs().max() for k in first]
    return float(torch.stack(apart).max())  # Python's own would pass over nan


def compare(
    folder: Path, toy: soak.Toy, setting: Setting, base: dict[str, torch.Tensor]
) -> tuple[float, float]:
    """Differences between two runs with a setting, and from the run without it."""
    once, again = (train(folder / name, toy, setting) for name in ('once', 'again'))
    return difference(once, again), difference(once, base)


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description='Train the same toy run again.')
    parser.add_argument('--toy', choices=TOYS, default='adl')
    parser.add_argument('--settings', nargs='+', choices=SETTINGS, default=[*SETTINGS])
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    toy = TOYS[args.toy]
    print('| setting | run twice | and without it |\n' + '|---' * 3 + '|')
    with tempfile.TemporaryDirectory(prefix='reproduce_') as name:
        base = train(Path(name) / 'base', toy, Setting())
        for number, setting in enumerate(args.settings):
            folder = Path(name) / str(number)
            try:
                twice, without = compare(folder, toy, SETTINGS[setting], base)
            except RuntimeError:
                lines = (folder / 'once/output.txt').read_text().splitlines()
                print(f'| {setting} | failed: {lines[-1]} | |', flush=True)
                continue
            cells = ['same' if not d else f'{d:.1e}' for d in (twice, without)]
            print('| ' + ' | '.join([setting, *cells]) + ' |', flush=True)


if __name__ == '__main__':
    main()
