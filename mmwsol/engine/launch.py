"""What the command lines of training and testing have in common."""

import argparse
import atexit
import copy
import os
import platform
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import torch
from mmengine.config import Config, DictAction

from mmwsol.config_files import HOME, find_config


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of both tools, named as OpenMMLab's users know them."""
    parser.add_argument('--work-dir', help='folder for logs and checkpoints')
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        help='settings to override, such as train_cfg.max_epochs=10',
    )
    parser.add_argument(
        '--launcher', choices=['none', 'pytorch', 'slurm', 'mpi'], default='none'
    )
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0)


def load_config(args: argparse.Namespace) -> Config:
    """The named config with the overridden settings, launcher and work folder.

    Processes launched without a GPU are joined here, by gloo: mmengine's own start
    asks for a CUDA device.
    """
    file = find_config(args.config)
    config = Config.fromfile(file)
    changes = list_changes(config, args.cfg_options)
    config.merge_from_dict(args.cfg_options or {})
    if config.get('randomness', {}).get('deterministic'):
        # matrix products on a GPU refuse to be deterministic without
        os.environ.setdefault('CUBLAS_WORKSPACE_CONFIG', ':4096:8')
    config.launcher = args.launcher
    note_origin(config, file, changes)
    default = Path('work_dirs') / file.resolve().parent.name / file.stem
    config.work_dir = args.work_dir or config.get('work_dir') or str(default)
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    if not torch.cuda.is_available():
        config.env_cfg.dist_cfg.backend = 'gloo'
        if args.launcher == 'pytorch':
            seconds = config.env_cfg.dist_cfg.get('timeout')
            torch.distributed.init_process_group(
                'gloo', timeout=timedelta(seconds=seconds) if seconds else None
            )
            atexit.register(_leave_processes)
            # mmengine's default wrapper names a CUDA device
            config.setdefault(
                'model_wrapper_cfg',
                dict(
                    type='MMDistributedDataParallel',
                    device_ids=None,
                    broadcast_buffers=False,
                ),
            )
    return config


def list_changes(config: Config, options: dict | None) -> list[str]:
    """Those of a command line's options that say something else than the config does.

    Returns:
        ``key=value`` for each.
    """
    changes = []
    for key, value in (options or {}).items():
        changed = copy.deepcopy(config)
        changed.merge_from_dict({key: value})
        if changed.to_dict() != config.to_dict():
            changes.append(f'{key}={value}')
    return changes


def note_origin(config: Config, file: Path, options: Iterable[str] = ()) -> None:
    """Has a run's own copy of its config say where it came from and what it ran on.

    Args:
        config: Gets ``origin``.
        file: It was read from; noted as ``configs/...`` if it comes with mmwsol, else with
            its full path.
        options: What the command line changed, as :func:`list_changes` says.
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
