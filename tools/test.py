"""Evaluates a checkpoint: ``python tools/test.py CONFIG CHECKPOINT``."""

import argparse
import os
from pathlib import Path

import mmengine
import torch
from mmengine.config import Config, ConfigDict, DictAction
from mmengine.runner import Runner


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description='Evaluate a localizer.')
    parser.add_argument('config', help='config file')
    parser.add_argument('checkpoint', help='checkpoint file')
    parser.add_argument('--work-dir', help='folder for the log')
    parser.add_argument('--out', help='JSON file for the metrics')
    parser.add_argument(
        '--tta',
        action='store_true',
        help="use the config's `tta_model` and `tta_pipeline`",
    )
    parser.add_argument(
        '--cfg-options', nargs='+', action=DictAction, help='settings to override'
    )
    parser.add_argument(
        '--launcher', choices=['none', 'pytorch', 'slurm', 'mpi'], default='none'
    )
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0)
    return parser.parse_args(argv)


def configure(args: argparse.Namespace) -> Config:
    """The config with the command line's settings."""
    config = Config.fromfile(args.config)
    if args.cfg_options:
        config.merge_from_dict(args.cfg_options)
    config.launcher = args.launcher
    config.load_from = args.checkpoint
    config.resume = False
    config.model.backbone.init_cfg = None  # the checkpoint has all weights
    config.work_dir = args.work_dir or config.get(
        'work_dir',
        str(Path('work_dirs') / Path(args.config).parent.name / Path(args.config).stem),
    )
    if not torch.cuda.is_available():
        config.env_cfg.dist_cfg.backend = 'gloo'
    if args.tta:
        if 'tta_model' not in config:
            raise ValueError(
                f'Expected `tta_model` and `tta_pipeline` in {args.config} for --tta; inherit '
                'from a data set file that has them, such as _base_/datasets/cub_legacy.py.'
            )
        config.model = ConfigDict(**config.tta_model, module=config.model)
        config.test_dataloader.dataset.pipeline = config.tta_pipeline
    return config


def main(argv: list[str] | None = None) -> dict:
    args = parse_args(argv)
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    metrics = Runner.from_cfg(configure(args)).test()
    if args.out:
        mmengine.dump(metrics, args.out)
    return metrics


if __name__ == '__main__':
    main()
