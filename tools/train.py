"""Trains a config: ``python tools/train.py configs/pnsc/resnet50_cub.py``."""

import argparse

from mmengine.config import Config
from mmengine.runner import Runner

from mmwsol.engine.launch import add_arguments, load_config
from mmwsol.engine.mixed_precision import use_mixed_precision
from mmwsol.engine.resuming import set_start


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description='Train a localizer.')
    parser.add_argument('config', help='config file')
    parser.add_argument(
        '--resume',
        nargs='?',
        const='auto',
        help='go on from a checkpoint, or from the last one in the work folder',
    )
    parser.add_argument(
        '--amp',
        nargs='?',
        const='auto',
        choices=('auto', 'fp16', 'bf16'),
        help='mixed precision; without a word fp16 on a GPU, else bf16',
    )
    parser.add_argument(
        '--compile',
        action='store_true',
        help='torch.compile the step; the first takes minutes',
    )
    parser.add_argument('--seed', type=int, help='random seed; the config has 0')
    parser.add_argument(
        '--no-validate', action='store_true', help='train without evaluation'
    )
    parser.add_argument(
        '--auto-scale-lr',
        action='store_true',
        help='scale the rate with the batch size over all processes',
    )
    add_arguments(parser)
    return parser.parse_args(argv)


def configure(args: argparse.Namespace) -> Config:
    config = load_config(args)
    if args.seed is not None:
        config.randomness.seed = args.seed
    if args.amp:
        dtype = use_mixed_precision(config, args.amp)
        config.origin.options.append(f'amp={dtype}')
    if args.compile:
        config.setdefault('compile', True)
    if args.no_validate:
        config.val_cfg = config.val_dataloader = config.val_evaluator = None
    if args.auto_scale_lr:
        config.auto_scale_lr.enable = True
    set_start(config, args.resume)
    return config


def main(argv: list[str] | None = None) -> None:
    Runner.from_cfg(configure(parse_args(argv))).train()


if __name__ == '__main__':
    main()
