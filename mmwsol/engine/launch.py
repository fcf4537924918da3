"""What the command lines of training and testing have in common."""

import argparse
import atexit
import os
import platform
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.runner import Runner
from mmpretrain.registry import RUNNERS

from mmwsol.config_files import HOME, find_config
from mmwsol.config_options import add_config_options, apply_options
from mmwsol.engine.checkpoints import install_safe_loading, newest_whole
from mmwsol.engine.mixed_precision import use_mixed_precision
from mmwsol.io.folder_lock import only_one

COMPILING = 1800
"""Seconds that one process may compile for while the others wait."""
RANKS = dict(pytorch=['RANK'], slurm=['SLURM_PROCID'], mpi=['OMPI_COMM_WORLD_RANK'])
"""Where launchers say which process this is."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of both tools, named as OpenMMLab's users know them."""
    parser.add_argument('--work-dir', help='folder for logs and checkpoints')
    parser.add_argument(
        '--verbose',
        action='store_true',
        help='show the whole log also where a config asks for little of it',
    )
    add_config_options(parser)
    parser.add_argument(
        '--launcher', choices=['none', 'pytorch', 'slurm', 'mpi'], default='none'
    )
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0)


def training_config(argv: list[str] | None = None) -> Config:
    """The config of a training run, ready for a runner.

    Args:
        argv: The arguments of ``tools/train.py``; by default those of the command line.
    """
    parser = argparse.ArgumentParser(description='Train a localizer.')
    parser.add_argument('config', help='config file, or its name')
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
    args = parser.parse_args(argv)
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
    join_processes(config)
    return config


def load_config(args: argparse.Namespace) -> Config:
    """The named config with the overridden settings, launcher and work folder.

    From here on the process reads checkpoints without running what is in them.
    """
    install_safe_loading()
    file = find_config(args.config)
    config = Config.fromfile(file)
    changes = apply_options(config, args.cfg_options)
    if args.verbose:
        config.pop('runner_type', None)
    if config.get('randomness', {}).get('deterministic'):
        # matrix products on a GPU refuse to be deterministic without
        os.environ.setdefault('CUBLAS_WORKSPACE_CONFIG', ':4096:8')
    config.launcher = args.launcher
    note_origin(config, file, changes)
    default = Path('work_dirs') / file.resolve().parent.name / file.stem
    config.work_dir = args.work_dir or config.get('work_dir') or str(default)
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    return config


def set_start(config: Config, resume: str | None) -> None:
    """Has a config start anew, or go on from a checkpoint.

    Processes that torchrun started again after one died go on from the last checkpoint.

    Args:
        config: The config; gets ``resume`` and ``load_from``.
        resume: A checkpoint, `'auto'` for the last one in the work folder, or None.
    """
    begun_from = None if config.get('resume') else config.get('load_from')
    if resume:
        config.resume = True
        config.load_from = None if resume == 'auto' else resume
    if int(os.environ.get('TORCHELASTIC_RESTART_COUNT', 0)):
        written = newest_whole(config.work_dir)
        if written:
            config.resume, config.load_from = True, written
    elif config.get('resume') and not config.get('load_from'):
        config.load_from = newest_whole(config.work_dir)
        if (
            config.load_from is None and begun_from
        ):  # there is nothing to go on from yet
            config.resume, config.load_from = False, begun_from
    elif int(os.environ.get('TORCHELASTIC_MAX_RESTARTS', 0)):
        if any(Path(config.work_dir).glob('*.pth')):
            raise ValueError(
                f'Expected `work_dir` without checkpoints where MAX_RESTARTS is set, but got '
                f'{config.work_dir}, from whose checkpoints a restart would go on; add '
                '--resume, or name another --work-dir.'
            )


def build_runner(config: Config) -> Runner:
    """The runner that a config asks for with ``runner_type``, or mmengine's."""
    return RUNNERS.build(config) if 'runner_type' in config else Runner.from_cfg(config)


def join_processes(config: Config) -> None:
    """Joins launched processes without a GPU by gloo; mmengine's start asks for CUDA.

    A process that waits for another one longer than ``env_cfg.dist_cfg.timeout`` ends.
    """
    dist = config.env_cfg.dist_cfg
    if config.get('compile') and 'timeout' in dist:
        dist.timeout = max(dist.timeout, COMPILING)
    if torch.cuda.is_available():
        return
    for name in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        if config.get(name):
            config[name].pin_memory = False  # torch warns where there is no GPU
    dist.backend = 'gloo'
    if config.launcher == 'pytorch':
        seconds = dist.get('timeout')
        torch.distributed.init_process_group(
            'gloo', timeout=timedelta(seconds=seconds) if seconds else None
        )
        atexit.register(_leave_processes)
        # as mmengine's default wrapper, which names a CUDA device
        config.model_wrapper_cfg = dict(
            type='MMDistributedDataParallel',
            device_ids=None,
            broadcast_buffers=False,
            find_unused_parameters=config.get('find_unused_parameters', False),
        ) | (config.get('model_wrapper_cfg') or {})


def working_alone(config: Config) -> AbstractContextManager:
    """Holds the work folder against a second run; of several processes the first does."""
    ranks = [os.environ.get(name) for name in RANKS.get(config.launcher, ())]
    if any(rank not in (None, '0') for rank in ranks):
        return nullcontext()
    return only_one(config.work_dir)


def note_origin(config: Config, file: Path, options: Iterable[str] = ()) -> None:
    """Has a run's own copy of its config say where it came from and what it ran on.

    Args:
        config: The config; gets ``origin``.
        file: Where it was read from; noted as ``configs/...`` if it comes with mmwsol, else
            with its full path.
        options: What the command line changed, as :func:`apply_options` says.
    """
    device = (
        torch.cuda.get_device_name()
        if torch.cuda.is_available()
        else f'{processor()}, {torch.get_num_threads()} thread(s)'
    )
    processes = os.environ.get('WORLD_SIZE', os.environ.get('SLURM_NTASKS', '1'))
    if config.get('launcher', 'none') != 'none' and processes != '1':
        device = f'{processes} x {device}'
    file = file.resolve()
    config.origin = dict(
        config=(
            file.relative_to(HOME) if file.is_relative_to(HOME) else file
        ).as_posix(),
        device=f'{device}, torch {torch.__version__.partition("+")[0]}',
        options=list(options),
    )


def processor() -> str:
    """The processor's name; Linux knows it better than the standard library."""
    try:
        lines = Path('/proc/cpuinfo').read_text(encoding='utf-8').splitlines()
    except OSError:
        lines = []
    names = [line.partition(':')[2] for line in lines if line.startswith('model name')]
    return (names[0] if names else platform.processor() or platform.machine()).strip()


def _leave_processes() -> None:
    """Ends gloo's threads, which would abort the interpreter at its end."""
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()
