"""Evaluates a checkpoint: ``python tools/test.py CONFIG CHECKPOINT``."""

import argparse

import mmengine
from mmengine.config import Config, ConfigDict
from mmengine.dist import is_main_process
from mmengine.runner import Runner

from mmwsol.engine.launch import add_arguments, load_config


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description='Evaluate a localizer.')
    parser.add_argument('config', help='config file')
    parser.add_argument('checkpoint', help='checkpoint file')
    parser.add_argument('--out', help='JSON file for the metrics')
    parser.add_argument(
        '--tta',
        action='store_true',
        help="use the config's `tta_model` and `tta_pipeline`",
    )
    add_arguments(parser)
    return parser.parse_args(argv)


def configure(args: argparse.Namespace) -> Config:
    config = load_config(args)
    config.load_from = args.checkpoint
    config.resume = False
    config.model.backbone.init_cfg = None  # the checkpoint has all weights
    if args.tta:
        if 'tta_model' not in config:
            raise ValueError(
                f'Expected `tta_model` and `tta_pipeline` in {args.config} for --tta; '
                'inherit from a data set file that has them, such as '
                'configs/_base_/datasets/cub_legacy.py.'
            )
        config.model = ConfigDict(**config.tta_model, module=config.model)
        config.test_dataloader.dataset.pipeline = config.tta_pipeline
    return config


def main(argv: list[str] | None = None) -> dict:
    args = parse_args(argv)
    metrics = Runner.from_cfg(configure(args)).test()
    if args.out and is_main_process():
        mmengine.dump(metrics, args.out)
    return metrics


if __name__ == '__main__':
    main()
