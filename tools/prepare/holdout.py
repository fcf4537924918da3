"""Draws training images to choose thresholds and settings on, and writes their names.

python tools/prepare/holdout.py configs/pnsc/resnet50_cub.py --per-class 5 --out val.txt

Train with train_dataloader.dataset.val_list=val.txt, which leaves these images out; evaluate
on them with test_dataloader.dataset.split=val test_dataloader.dataset.val_list=val.txt.
"""

import argparse
from collections import defaultdict
from pathlib import Path

import numpy as np
from mmengine.config import Config
from mmengine.registry import DATASETS, init_default_scope

from mmwsol.command import run_tool
from mmwsol.config_files import find_config
from mmwsol.config_options import add_config_options, apply_options
from mmwsol.io.atomic import write_atomic


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', help='its training data are drawn from')
    parser.add_argument('--per-class', type=int, default=5, help='images of each class')
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--out', type=Path, required=True, help='text file to write')
    add_config_options(parser)
    return parser.parse_args(argv)


def draw(paths: list[str], labels: list[list[int]], count: int, seed: int) -> list[str]:
    """As many images of each class, in the data's order.

    An image of several classes is drawn for one and held out for all.
    """
    rng = np.random.default_rng(seed)
    by_class = defaultdict(list)
    for place, several in enumerate(labels):
        for label in several:
            by_class[label].append(place)
    chosen = []
    for label, own in sorted(by_class.items()):
        if len(own) <= count:
            raise SystemExit(
                f'Expected more than {count} training images of every class, since some must '
                f'be left to train on, but class {label} has {len(own)}; lower --per-class.'
            )
        chosen += rng.choice(own, count, replace=False).tolist()
    return [paths[i] for i in sorted(set(chosen))]


def main(argv: list[str] | None = None) -> list[str]:
    args = parse_args(argv)
    config = Config.fromfile(find_config(args.config))
    apply_options(config, args.cfg_options)
    init_default_scope('mmpretrain')
    dataset = DATASETS.build(config.train_dataloader.dataset)
    infos = [dataset.get_data_info(i) for i in range(len(dataset))]
    labels = [dataset.get_cat_ids(i) for i in range(len(dataset))]
    root = Path(dataset.img_prefix)
    paths = [Path(info['img_path']).relative_to(root).as_posix() for info in infos]
    names = draw(paths, labels, args.per_class, args.seed)
    bad = [name for name in names if name != name.strip() or len(name.splitlines()) > 1]
    if bad:
        raise ValueError(
            'Expected names of images without line ends and outer spaces, which a list cannot '
            f'have, but got {bad[0]!r}.'
        )
    write_atomic(args.out, ''.join(f'{name}\n' for name in names))
    print(f'{args.out}: {len(names)} of {len(infos)} training images')
    return names


if __name__ == '__main__':
    run_tool(main)
