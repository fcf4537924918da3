"""Tools as a user runs them, with few images and epochs."""

import importlib
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from mmwsol.command import run_tool
from tests.support.models import ROOT
from tests.support.processes import start

PNSC = ROOT / 'configs/pnsc/resnet18_toy.py'
SMALL = [
    'train_dataloader.dataset.num_train=24',
    'train_dataloader.batch_size=8',
    'train_dataloader.num_workers=0',
    'train_dataloader.persistent_workers=False',
    'train_cfg.max_epochs=2',
    'train_cfg.val_interval=2',
]
SMALL += [
    f'{loader}.{option}'
    for loader in ('val_dataloader', 'test_dataloader')
    for option in (
        'dataset.num_test=13',
        # one by one: a convolution's last digits depend on what shares its batch
        'batch_size=1',
        'num_workers=0',
        'persistent_workers=False',
    )
]
ENVIRONMENT = {**os.environ, 'OMP_NUM_THREADS': '1', 'PYTHONWARNINGS': 'ignore'}


def run(tool: str, *args: object, options: Sequence[str] = ()) -> tuple[int, str]:
    """Exit code and output of a tool that takes a config, in a process of its own.

    Args:
        tool: Name of a module below ``tools``.
        *args: Its arguments.
        options: Settings to override besides those that make it small.
    """
    return plain(tool, *args, '--cfg-options', *SMALL, *options)


def succeed(tool: str, *args: object, options: Sequence[str] = ()) -> str:
    """Output of a tool that must not fail."""
    code, output = run(tool, *args, options=options)
    assert code == 0, output
    return output


def plain(tool: str, *args: object, at: Path = ROOT) -> tuple[int, str]:
    """Exit code and output of any tool, which works in a folder."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / 'output.txt'
        work = partial(call, f'tools.{tool}', [*map(str, args)])
        process = start(work, log, folder=at)
        process.join(240)
        if process.exitcode is None:
            process.kill()
        return process.exitcode, log.read_text()


def call(module: str, arguments: list[str]) -> None:
    """Runs a tool in this process, which ends with it."""
    sys.argv[0] = module
    run_tool(lambda: importlib.import_module(module).main(arguments))


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return str(probe.getsockname()[1])


def shell(name: str, *args: object, **environment: str) -> str:
    """Output of a shell script of tools/."""
    done = subprocess.run(
        ['bash', str(ROOT / 'tools' / name), *map(str, args), '--cfg-options', *SMALL],
        cwd=ROOT,
        env={**ENVIRONMENT, 'PYTHON': sys.executable, **environment},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def metrics_of(file: Path) -> dict:
    """Numbers of a JSON file that tools/test.py wrote, without times."""
    metrics = json.loads(file.read_text())
    return {name: value for name, value in metrics.items() if 'time' not in name}
