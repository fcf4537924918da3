"""Several processes of which one dies or hangs, and data-loading workers that die."""

import multiprocessing
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from argparse import Namespace
from pathlib import Path

import psutil
import pytest
import torch
from mmengine.config import Config, DictAction

from mmwsol.engine import SameBuffersHook
from mmwsol.engine.launch import set_start, training_config
from tests.support import soak

ROOT = Path(__file__).parents[2]


OPTIONS = [*soak.workers(0), 'train_dataloader.batch_size=4']


def free_port():
    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        return str(listener.getsockname()[1])


def start(folder, *options, faults=(soak.NO_FAULT, soak.NO_FAULT)):
    """Starts or resumes the toy run in two processes."""
    place = dict(MASTER_ADDR='127.0.0.1', MASTER_PORT=free_port(), WORLD_SIZE='2')
    return [
        soak.start(
            folder, [*OPTIONS, *options], fault, RANK=rank, LOCAL_RANK=rank, **place
        )
        for rank, fault in zip('01', faults)
    ]


def output(folder, rank):
    """What a process printed, without the breaks of long lines."""
    return ' '.join((folder / f'output{rank}.txt').read_text().split())


def finish(folder):
    processes = start(folder)
    for rank, process in enumerate(processes):
        process.join()
        assert process.exitcode == 0, output(folder, rank)


@pytest.fixture(scope='module')
def undisturbed(tmp_path_factory):
    """The work folder of two processes that nothing happened to."""
    folder = tmp_path_factory.mktemp('undisturbed')
    finish(folder)
    return folder


@pytest.mark.faults
def test_restarts_by_itself_and_ends_with_the_same_weights(undisturbed, tmp_path):
    config = Config.fromfile(ROOT / soak.CONFIG)
    parse = DictAction(['--cfg-options'], 'options')
    namespace = Namespace()
    parse(None, namespace, [*soak.OPTIONS, *OPTIONS])
    config.merge_from_dict(namespace.options)
    config.custom_imports.imports.append('tests.support.soak')
    # in the last epoch: the second attempt has fewer iterations
    fault = dict(type='FaultHook', event='after_train_iter', number=14)
    config.custom_hooks.append(dict(**fault, fault='killed', rank=1))
    config.dump(tmp_path / 'config.py')
    folder = tmp_path / 'run'
    process = subprocess.Popen(
        [
            ROOT / 'tools/dist_train.sh',
            tmp_path / 'config.py',
            '2',
            '--work-dir',
            folder,
        ],
        env={
            **os.environ,
            'MAX_RESTARTS': '1',
            'OMP_NUM_THREADS': '1',
            'PORT': free_port(),
            'PYTHON': sys.executable,
            'PYTHONPATH': str(ROOT),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        said, _ = process.communicate(timeout=900)
    finally:
        process.terminate()
    assert process.returncode == 0, said
    dead = re.findall(r'failed \(exitcode: -9\) local_rank: (\d)', said)
    assert dead == ['1']
    assert 'resumed epoch: 2, iter: 12' in said
    assert soak.same_training(undisturbed, folder)


@pytest.mark.faults
def test_killed_at_random_moments_and_the_same_weights(undisturbed, tmp_path, tries):
    chance = random.Random(0)
    for number in range(tries(1, 10)):
        # an evaluation's only iteration here is followed by the gathering of its results
        event, last = (('after_val_iter', 3), ('after_train_iter', 18))[number % 2]
        rank = chance.randrange(2)
        faults = [soak.NO_FAULT, soak.NO_FAULT]
        faults[rank] = ('killed', event, chance.randint(1, last))
        folder = tmp_path / str(number)
        processes = start(folder, faults=faults)
        processes[rank].join()
        processes[1 - rank].join(60)
        assert processes[rank].exitcode == -signal.SIGKILL
        assert processes[1 - rank].exitcode == 1, output(folder, 1 - rank)
        finish(folder)
        assert soak.same_training(undisturbed, folder)


@pytest.mark.faults
def test_a_process_that_hangs_ends_the_run(tmp_path, tries):
    for rank in (1, 0)[: tries(1, 2)]:
        folder = tmp_path / str(rank)
        faults = [soak.NO_FAULT, soak.NO_FAULT]
        faults[rank] = ('stopped', 'after_train_iter', 8)
        processes = start(folder, 'env_cfg.dist_cfg.timeout=15', faults=faults)
        hangs = psutil.Process(processes[rank].pid)
        while hangs.status() != psutil.STATUS_STOPPED:
            assert processes[1 - rank].is_alive(), output(folder, 1 - rank)
            time.sleep(0.1)
        processes[1 - rank].join(60)
        processes[rank].kill()
        assert processes[1 - rank].exitcode == 1, output(folder, 1 - rank)
        assert 'Timed out waiting 15000ms' in output(folder, 1 - rank)


def test_waiting_for_another_process_ends_within_a_minute():
    dist = Config.fromfile(ROOT / soak.CONFIG).env_cfg.dist_cfg
    assert 0 < dist.timeout < 60


@pytest.mark.faults
def test_a_killed_loading_worker_ends_the_run_which_goes_on(tmp_path):
    options = [*soak.workers(2), 'train_cfg.max_epochs=2']
    fault = ('worker killed', 'after_train_iter', 8)
    process = soak.start(tmp_path, options, fault)
    process.join(60)
    assert process.exitcode == 1
    process = soak.start(tmp_path, options)
    process.join()
    assert process.exitcode == 0
    assert 'resumed epoch: 1, iter: 6' in (tmp_path / 'output.txt').read_text()


@pytest.fixture
def work_dir(undisturbed, tmp_path):
    """A work folder with the last checkpoint of a run."""
    shutil.copy(undisturbed / 'epoch_3.pth', tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ('attempt', 'resume', 'written', 'expected'),
    [
        (0, None, False, (False, None)),
        (0, 'auto', True, (True, 'epoch_3.pth')),
        (1, None, True, (True, 'epoch_3.pth')),
        (1, 'other.pth', True, (True, 'epoch_3.pth')),
        (1, 'other.pth', False, (True, 'other.pth')),
        (1, None, False, (False, None)),  # killed before the first
    ],
)
def test_where_a_restart_goes_on(
    work_dir, monkeypatch, attempt, resume, written, expected
):
    monkeypatch.setenv('TORCHELASTIC_RESTART_COUNT', str(attempt))
    monkeypatch.setenv('TORCHELASTIC_MAX_RESTARTS', '2')
    if not written:
        (work_dir / 'epoch_3.pth').unlink()
    config = Config(dict(work_dir=str(work_dir), resume=False, load_from=None))
    set_start(config, resume)
    file = config.load_from and Path(config.load_from).name
    assert (config.resume, file) == expected


@pytest.mark.parametrize(
    ('written', 'expected'),
    [(True, (True, 'epoch_3.pth')), (False, (False, 'pretrained.pth'))],
)
def test_resume_before_the_first_checkpoint_starts_where_the_config_does(
    work_dir, written, expected
):
    if not written:
        (work_dir / 'epoch_3.pth').unlink()
    config = Config(dict(work_dir=str(work_dir), load_from='pretrained.pth'))
    set_start(config, 'auto')
    assert (config.resume, Path(config.load_from).name) == expected


@pytest.mark.parametrize('resume', [None, 'other.pth'])
def test_a_restart_must_not_go_on_from_another_run(work_dir, monkeypatch, resume):
    monkeypatch.setenv('TORCHELASTIC_MAX_RESTARTS', '1')
    config = Config(dict(work_dir=str(work_dir)))
    with pytest.raises(ValueError, match='`work_dir` without checkpoints .* --resume'):
        set_start(config, resume)


def evaluate(rank, port, folder):
    """In a process of two: the statistics before and after the hook."""
    os.environ.update(MASTER_ADDR='127.0.0.1', MASTER_PORT=port)
    torch.distributed.init_process_group('gloo', rank=rank, world_size=2)
    norm = torch.nn.BatchNorm1d(2)
    norm(torch.full((4, 2), rank + 1.0))
    before = norm.running_mean.clone()
    SameBuffersHook().before_val_epoch(Namespace(model=norm))
    torch.save((before, norm.state_dict()), f'{folder}/{rank}.pth')
    torch.distributed.destroy_process_group()


def test_all_processes_evaluate_with_the_statistics_of_the_first(tmp_path):
    context, port = multiprocessing.get_context('forkserver'), free_port()
    processes = [
        context.Process(target=evaluate, args=(rank, port, tmp_path)) for rank in (0, 1)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    (first, model), (second, same) = (torch.load(tmp_path / f'{r}.pth') for r in (0, 1))
    # a tenth of the batch's mean
    torch.testing.assert_close(first, torch.full((2,), 0.1))
    torch.testing.assert_close(second, torch.full((2,), 0.2))
    assert soak.same(model, same)
    torch.testing.assert_close(same['running_mean'], first)


@pytest.mark.parametrize(
    ('options', 'expected'),
    [([], 90), (['--compile'], 1800)],  # one process may compile longer than another
)
def test_the_timeout_of_the_config_reaches_gloo(monkeypatch, options, expected):
    given = {}
    group = 'torch.distributed.init_process_group'
    monkeypatch.setattr(group, lambda backend, **rest: given.update(rest))
    monkeypatch.setattr('torch.cuda.is_available', lambda: False)
    arguments = [str(ROOT / soak.CONFIG), '--launcher', 'pytorch', *options]
    training_config([*arguments, '--cfg-options', 'env_cfg.dist_cfg.timeout=90'])
    assert given['timeout'].total_seconds() == expected
