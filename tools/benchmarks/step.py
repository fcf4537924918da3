"""How fast configs train and test: ``python -m tools.benchmarks.step CONFIG ...``.

On batches of noise, as large as the configs' pipelines make them; no data set is needed.
Several configs take turns step by step and are compared with the first.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.registry import init_default_scope
from mmengine.runner import Runner

from mmwsol.command import run_tool
from mmwsol.config_files import find_config
from mmwsol.config_options import add_config_options, apply_options
from mmwsol.engine.launch import processor
from tools.benchmarks.loading import data_wait
from tools.benchmarks.measure import measure
from tools.benchmarks.workload import Workload
from tools.report.markdown import markdown

AMP = ('fp16', 'bf16', 'none')
COLUMNS = (
    'config',
    'images a second (quartiles)',
    'time',
    'GFLOP an image',
    'FLOPs',
    'time / FLOPs',
    'of the matmul peak',
    'memory, MB',
)


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog='python -m tools.benchmarks.step', description=__doc__
    )
    parser.add_argument('configs', nargs='+', metavar='CONFIG', help='file or name')
    parser.add_argument('--checkpoint', help='weights of the only config; else random')
    parser.add_argument('--batch-size', type=int, help="by default the config's")
    parser.add_argument('--steps', type=int, default=5, help='measured of each config')
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
    add_config_options(parser, 'settings of every config')
    args = parser.parse_args(argv)
    if args.checkpoint and len(args.configs) > 1:
        parser.error('expected one config with --checkpoint')
    return args


def load(name: str, args: argparse.Namespace) -> Config:
    config = Config.fromfile(find_config(name))
    apply_options(config, args.cfg_options)
    if args.batch_size:
        config.train_dataloader.batch_size = args.batch_size
    return config


def table(rows: Sequence[dict], mode: str) -> str:
    """Numbers of `'train'` or `'test'`; time and FLOPs are ratios to the first row's."""
    lines = [COLUMNS]
    for row in rows:
        own = row[mode]
        low, middle, high = own['images_per_second']
        lines.append(
            [
                row['config'],
                f'{middle:.3g} ({low:.3g}-{high:.3g})',
                f'{own["time_ratio"]:.2f}',
                f'{own["flops"] / 1e9:.3g}',
                f'{own["flops_ratio"]:.2f}',
                f'{own["time_over_flops"]:.2f}',
                f'{own["peak_share"]:.0%} of {own["peak_flops"] / 1e9:.3g} GFLOP/s',
                '-' if own['memory'] is None else f'{own["memory"] / 1e6:.0f}',
            ]
        )
    return markdown(lines)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    configs = {name: load(name, args) for name in args.configs}
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
    numbers = [
        (row['config'], f'{row["trainable"]:,}', f'{row["parameters"]:,}')
        for row in rows
    ]
    print(f'\n{markdown([("config", "trained parameters", "all"), *numbers])}')
    if args.data:
        lines = [('config', 'loader alone, images/s', 'training', 'waiting')]
        for row, config in zip(rows, configs.values()):
            loader = Runner.build_dataloader(config.train_dataloader, seed=0)
            found = data_wait(
                loader, Workload(config, **options).train_step, args.steps
            )
            row['data'] = found._asdict()
            rates = f'{found.loader_rate:.3g}', f'{found.loop_rate:.3g}'
            lines.append((row['config'], *rates, f'{found.waiting:.1%}'))
        print(f'\n{markdown(lines)}')
    if args.out:
        args.out.write_text(json.dumps(dict(machine=machine, rows=rows), indent=2))


if __name__ == '__main__':
    run_tool(main)
