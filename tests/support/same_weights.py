"""Says which settings change the weights that a run ends with.

``python -m tests.support.same_weights`` trains a toy run with each setting, twice, and
compares it with the run without the setting.
"""

import argparse
import tempfile
from pathlib import Path
from typing import NamedTuple

import torch

from mmwsol.engine.checkpoints import load_plain
from tests.support import soak
from tests.support.toy_run import ADL, PNSC, Toy, train_toy

TOYS = dict(adl=ADL, pnsc=PNSC)


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
    'compiled': Setting(['compile=True']),  # minutes before the first step
    'deterministic': Setting(['randomness.deterministic=True']),
    'another seed': Setting(['randomness.seed=1']),
}


def train(folder: Path, toy: Toy, setting: Setting) -> dict[str, torch.Tensor]:
    """The weights that a run ends with."""
    options = [*soak.workers(0), *setting.options]
    train_toy(toy, folder, options, threads=setting.threads)
    return load_plain(folder / f'epoch_{soak.EPOCHS}.pth')['state_dict']


def difference(
    first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]
) -> float:
    """Length of the difference of all weights over that of the second, without statistics."""
    names = [name for name in second if 'running_' not in name]
    one, other = (
        torch.cat([weights[name].double().flatten() for name in names])
        for weights in (first, second)
    )
    return float((one - other).norm() / other.norm())


def compare(
    folder: Path, toy: Toy, setting: Setting, base: dict[str, torch.Tensor]
) -> tuple[float, float]:
    """Differences between two runs with a setting, and from the run without it."""
    once, again = (train(folder / name, toy, setting) for name in ('once', 'again'))
    return difference(once, again), difference(once, base)


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description='Train the same toy run again.')
    parser.add_argument('--toy', choices=TOYS, default='adl')
    parser.add_argument('--settings', nargs='+', choices=SETTINGS)
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    toy = TOYS[args.toy]
    print('| setting | run twice | and without it |\n' + '|---' * 3 + '|')
    with tempfile.TemporaryDirectory(prefix='same_weights_') as name:
        base = train(Path(name) / 'base', toy, Setting())
        chosen = args.settings or [name for name in SETTINGS if name != 'compiled']
        for number, setting in enumerate(chosen):
            folder = Path(name) / str(number)
            try:
                twice, without = compare(folder, toy, SETTINGS[setting], base)
            except RuntimeError as error:
                last = str(error).splitlines()[-1]
                print(f'| {setting} | failed: {last} | |', flush=True)
                continue
            cells = ['same' if d == 0 else f'{d:.1g}' for d in (twice, without)]
            print('| ' + ' | '.join([setting, *cells]) + ' |', flush=True)


if __name__ == '__main__':
    main()
