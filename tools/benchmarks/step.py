"""How fast configs train and test: ``python tools/benchmark.py configs/*/resnet18_toy.py``.

On batches of noise, as large as the configs' pipelines make them; no data set is needed.
Several configs take turns step by step and are compared with the first.
"""

import argparse
import json
from pathlib import Path

import torch
from mmengine.config import Config, DictAction
from mmengine.logging import MMLogger
from mmengine.registry import init_default_scope
from mmengine.runner import Runner

from mmwsol.engine.launch import processor
from tools.benchmarks import Workload, data_wait, measure, table

AMP = ('fp16', 'bf16', 'none')


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('configs', nargs='+', type=Path, metavar='CONFIG')
    parser.add_argument('--checkpoint', help='weights of the only config; else random')
    parser.add_argument('--batch-size', type=int, help="by default the config's")
    parser.add_argument('--steps', type=int, default=5, help='measured of each config')
    parser.add_argument('--warm-up', type=int, default=2, help='steps before them')
    parser.add_argument(
        '--images', type=int, metavar='SIZE', help="side; by default the pipeline's"
    )
    parser.add_argument('--amp', choices=AMP, default='none', help='mixed precision')
    parser.add_argument('--compile', action='store_true', help='torch.compile')
    parser.add_argument(
        '--clock',
        choices=('wall', 'cpu'),
        default='wall',
        help="cpu: this process's time, on a machine that does other things too",
    )
    parser.add_argument(
        '--data',
        action='store_true',
        help="read the config's training images too: how long does a step wait for them",
    )
    parser.add_argument('--out', type=Path, help='JSON file of all numbers')
    parser.add_argument(
        '--cfg-options', nargs='+', action=DictAction, help='settings of every config'
    )
    args = parser.parse_args(argv)
    if args.checkpoint and len(args.configs) > 1:
        parser.error('expected one config with --checkpoint')
    return args


def load(file: Path, args: argparse.Namespace) -> Config:
    config = Config.fromfile(file)
    config.merge_from_dict(args.cfg_options or {})
    if args.batch_size:
        config.train_dataloader.batch_size = args.batch_size
    return config


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    configs = {str(file): load(file, args) for file in args.configs}
    init_default_scope('mmpretrain')
    MMLogger.get_current_instance().setLevel('WARNING')
    options = dict(
        image_size=args.images,
        amp=args.amp,
        compile_steps=args.compile,
        checkpoint=args.checkpoint,
    )
    rows = measure(
        configs,
        rounds=args.steps,
        warm_up=args.warm_up,
        clock=args.clock,
        **options,
    )
    machine = (
        torch.cuda.get_device_name()
        if torch.cuda.is_available()
        else f'{processor()}, {torch.get_num_threads()} thread(s)'
    )
    print(
        f'{machine}, torch {torch.__version__}, batch {rows[0]["batch_size"]}, amp '
        f'{args.amp}, {args.steps} steps'
    )
    for mode in ('train', 'test'):
        print(f'\n{mode}\n\n{table(rows, mode)}')
    print('\n| config | trained parameters | all parameters |\n|---|---|---|')
    for row in rows:
        print(f'| {row["config"]} | {row["trainable"]:,} | {row["parameters"]:,} |')
    if args.data:
        print('\n| config | loader alone, images/s | training | waiting |')
        print('|---|---|---|---|')
        for row, config in zip(rows, configs.values()):
            loader = Runner.build_dataloader(config.train_dataloader, seed=0)
            workload = Workload(config, **options)
            found = data_wait(loader, workload.train_step, args.steps, workload.device)
            row['data'] = found._asdict()
            print(
                f'| {row["config"]} | {found.loader_rate:.3g} | {found.loop_rate:.3g} '
                f'| {found.waiting:.1%} |'
            )
    if args.out:
        args.out.write_text(json.dumps(dict(machine=machine, rows=rows), indent=2))


if __name__ == '__main__':
    main()
