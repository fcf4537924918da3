"""Plans of runs: done once, whatever happens between, and with the same numbers."""

import importlib
import json
import multiprocessing
import os
import sys
import time
from pathlib import Path

import pytest
import torch
import yaml

from mmwsol.reproduction.processes import end_with_parent

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / 'tools'))  # where its processes look for it, too

import reproduce  # noqa: E402

TINY = {
    'train_dataloader.dataset.num_train': 24,
    'train_dataloader.batch_size': 8,
    'val_dataloader.dataset.num_test': 6,
    'test_dataloader.dataset.num_test': 6,
    'test_dataloader.dataset.num_train': 24,
    'model.backbone.stem_channels': 8,
}


def work(command: list[str], output: str) -> None:
    """What `python COMMAND` does, in a process that has its imports."""
    end_with_parent()
    stream = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(stream, 1)
    os.dup2(stream, 2)
    torch.set_num_threads(1)
    os.chdir(ROOT)
    result = importlib.import_module(Path(command[0]).stem).main(command[1:])
    sys.exit(result if isinstance(result, int) else 0)


class Forked:
    """Starts a tool as :func:`mmwsol.reproduction.processes.start` does, but sooner.

    Args:
        at: Called with the command and the process of every step that starts.
    """

    def __init__(self, at=lambda command, process: None):
        self.context = multiprocessing.get_context('forkserver')
        self.context.set_forkserver_preload(['mmwsol', 'reproduce'])
        self.at = at

    def __call__(self, command, output, environment, lock):
        output.parent.mkdir(parents=True, exist_ok=True)
        self.process = self.context.Process(target=work, args=(command, str(output)))
        self.process.start()
        self.at(command, self.process)
        return self

    def poll(self):
        return self.process.exitcode

    def terminate(self):
        self.process.terminate()

    def kill(self):
        self.process.kill()


@pytest.fixture
def plan(tmp_path):
    """A plan of two tiny runs, as a file."""

    def write(*runs, **defaults):
        file = tmp_path / 'tiny.yml'
        options = {**TINY, **defaults.pop('options', {})}
        defaults = dict(held_out=1, epochs=2, options=options, **defaults)
        file.write_text(yaml.safe_dump(dict(defaults=defaults, runs=runs)))
        return str(file)

    return write


TWO = [
    dict(config='configs/cam/resnet18_toy.py'),
    dict(config='configs/pnsc/resnet18_toy.py'),
]


def run(plan, folder, *args, at=None):
    start = Forked(at) if at else Forked()
    return reproduce.main(
        [plan, '--work-dir', str(folder), '--workers', '0', *args], start
    )


def numbers(folder):
    return json.loads((folder / 'results.json').read_text())


def test_end(plan, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(ROOT)
    t = time.time()
    assert run(plan(*TWO), tmp_path / 'a') == 0
    print(time.time() - t)
    out = capfd.readouterr().out
    print(out)
    assert 0
