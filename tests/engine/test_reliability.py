"""Runs that are killed, told to end, or find their disk full or their files damaged."""

import errno
import os
import random
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.dataset import DefaultSampler

from mmwsol.datasets.samplers.resumable_sampler import ResumableSampler, SeededDataset
from mmwsol.engine.checkpoints import load_plain, newest_whole
from mmwsol.engine.hooks.atomic_checkpoint_hook import AtomicBackend
from mmwsol.engine.loops import ResumableTrainLoop
from mmwsol.random_state import set_random_state
from tests.support import soak
from tests.support.damage import seal

ROOT = Path(__file__).parents[2]


def finish(folder, *options):
    """Resumes a run to its end; what it printed since."""
    file = folder / 'output.txt'
    before = len(file.read_text()) if file.exists() else 0
    process = soak.start(folder, [*soak.workers(1), *options])
    process.join()
    output = file.read_text()[before:]
    assert process.exitcode == 0, output
    return output


@pytest.fixture(scope='module')
def undisturbed(tmp_path_factory):
    """The work folder of a run without faults and without workers."""
    folder = tmp_path_factory.mktemp('undisturbed')
    process = soak.start(folder, soak.workers(0))
    process.join()
    assert process.exitcode == 0, (folder / 'output.txt').read_text()
    return folder


@pytest.fixture
def copy(undisturbed, tmp_path):
    """A copy of that folder as the last epoch began: epochs 1 and 2 are whole."""
    folder = tmp_path / 'copy'
    shutil.copytree(undisturbed, folder)
    (folder / 'last_checkpoint').write_text(str(folder / 'epoch_3.pth'))
    return folder


@pytest.mark.faults
def test_killed_three_times_and_the_same_weights(undisturbed, tmp_path):
    faults = [
        ('killed in a step', 'after_train_iter', 4),
        # the second checkpoint is there under the name of its part
        ('killed while a checkpoint is written', 'write', 5),
        ('killed in an evaluation', 'after_val_iter', 3),  # in that of epoch 2
    ]
    for fault in faults:
        assert soak.strike_run(tmp_path, fault) == fault[0]
        if fault[1] == 'write':
            assert (tmp_path / 'epoch_2.pth.part').exists()
            assert not (tmp_path / 'epoch_2.pth').exists()
    output = finish(tmp_path)
    assert 'resumed epoch: 2, iter: 12' in output
    assert 'Epoch(val) [2]' in output  # made up for
    assert soak.same_training(undisturbed, tmp_path)


@pytest.mark.faults
@pytest.mark.parametrize('name', ['SIGTERM', 'SIGINT'])
def test_a_signal_saves_inside_an_epoch(name, undisturbed, tmp_path):
    fault = (f'{name} in a step', 'after_train_iter', 9)
    assert soak.strike_run(tmp_path, fault) == fault[0]  # exit code 143 or 130
    checkpoint = load_plain(tmp_path / 'interrupted.pth')
    assert checkpoint['progress'] == dict(seed=0, batches_done=3, batches=6)
    output = finish(tmp_path)
    assert 'resumed epoch: 1, iter: 9' in output
    assert 'Epoch(train) [1]' not in output
    assert soak.same_training(undisturbed, tmp_path)
    assert not (tmp_path / 'interrupted.pth').exists()


@pytest.mark.faults
def test_sigterm_in_an_evaluation(undisturbed, tmp_path):
    fault = ('SIGTERM in an evaluation', 'after_val_iter', 5)
    assert soak.strike_run(tmp_path, fault) == fault[0]
    output = finish(tmp_path)
    assert 'Epoch(train)' not in output
    assert 'Epoch(val) [3]' in output
    assert soak.same_training(undisturbed, tmp_path)


@pytest.mark.faults
def test_a_checkpoint_after_the_last_step_of_an_epoch(undisturbed, tmp_path):
    """Counted by iterations, it is written before the epoch's end."""
    options = ['default_hooks.checkpoint.by_epoch=False']
    options.append('default_hooks.checkpoint.interval=4')
    fault = ('killed in a step', 'after_train_iter', 14)
    soak.start(tmp_path, [*soak.workers(0), *options], fault).join()
    assert 'resumed epoch: 1, iter: 12' in finish(tmp_path, *options)
    files = tmp_path / 'iter_18.pth', undisturbed / 'epoch_3.pth'
    first, second = (load_plain(file) for file in files)
    assert soak.same(first['state_dict'], second['state_dict'])
    assert soak.same(first['optimizer'], second['optimizer'])


@pytest.mark.faults
def test_a_full_disk_leaves_the_only_checkpoint_kept(undisturbed, tmp_path):
    one = 'default_hooks.checkpoint.max_keep_ckpts=1'
    process = soak.start(tmp_path, [*soak.workers(0), one], ('disk full', 'write', 5))
    process.join()
    output = (tmp_path / 'output.txt').read_text()
    assert process.exitcode == 1
    assert f'Could not write {tmp_path}/epoch_2.pth, ' in output
    assert 'No space left on device' in output
    assert 'go on with --resume' in output
    assert [file.name for file in tmp_path.glob('*.pth*')] == ['epoch_1.pth']
    assert 'resumed epoch: 1' in finish(tmp_path, one)
    assert soak.same_training(undisturbed, tmp_path)
    assert [file.name for file in tmp_path.glob('*.pth*')] == ['epoch_3.pth']


@pytest.mark.faults
def test_a_flipped_bit_is_seen_and_the_checkpoint_before_taken(undisturbed, copy):
    soak.spoil(copy / 'epoch_3.pth', 'flipped')
    output = finish(copy)
    warning = ' '.join(output.split())
    assert f'Expected a whole checkpoint in {copy}/epoch_3.pth, but its chec' in warning
    assert f'newest whole one, {copy}/epoch_2.pth, after iteration 12' in warning
    assert soak.same_training(undisturbed, copy)


@pytest.mark.faults
def test_checkpoints_of_earlier_versions_are_resumed(undisturbed, copy, log_messages):
    checkpoint = load_plain(copy / 'epoch_2.pth')
    del checkpoint['progress']
    torch.save(checkpoint, copy / 'epoch_2.pth')
    seal(copy / 'epoch_2.pth')
    soak.spoil(copy / 'epoch_3.pth', 'truncated')
    assert newest_whole(copy) == str(copy / 'epoch_2.pth')
    (message,) = log_messages
    assert f'Expected a whole checkpoint in {copy}/epoch_3.pth' in message
    finish(copy)
    assert soak.same_training(undisturbed, copy)


@pytest.mark.faults
@pytest.mark.parametrize('note', ['', '/moved/from/epoch_3.pth', None])
def test_last_checkpoint_is_found_without_its_note(copy, note, log_messages):
    file = copy / 'last_checkpoint'
    file.unlink() if note is None else file.write_text(note)
    assert newest_whole(copy) == str(copy / 'epoch_3.pth')
    assert len(log_messages) == (note is not None)


@pytest.mark.faults
def test_no_whole_checkpoint_is_an_error_that_names_each(copy):
    for file in copy.glob('*.pth'):
        soak.spoil(file, 'truncated')
    with pytest.raises(ValueError, match=r'start anew without --resume') as error:
        newest_whole(copy)
    assert 'epoch_2.pth' in str(error.value)
    assert 'epoch_3.pth' in str(error.value)


def test_nothing_to_resume_is_no_error(tmp_path):
    assert newest_whole(tmp_path) is None


@pytest.mark.parametrize('content', [b'', b'a', b'new', b'PK\5\6' + bytes(18)])
def test_files_are_written_as_they_are(tmp_path, content):
    AtomicBackend().put(content, tmp_path / 'folder/file')
    assert (tmp_path / 'folder/file').read_bytes() == content


@pytest.mark.faults
def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    file = tmp_path / 'file'
    file.write_bytes(b'old')

    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, 'fsync', full)
    with pytest.raises(OSError, match='Could not write .*file') as error:
        AtomicBackend().put(b'new', file)
    assert error.value.errno == errno.ENOSPC
    assert [entry.name for entry in tmp_path.iterdir()] == ['file']
    assert file.read_bytes() == b'old'


def draws():
    return random.random(), float(np.random.rand()), float(torch.rand(()))  # noqa: NPY002


def test_random_state_follows_from_the_place_alone():
    set_random_state(0, 1, 2)
    first = draws()
    assert len({*first, *draws()}) == 6
    set_random_state(0, 1, 2)
    assert draws() == first
    for place in ((0, 1, 3), (1, 1, 2), (0, 2, 1)):
        set_random_state(*place)
        assert not set(draws()) & set(first)


SAMPLER = dict(type='DefaultSampler', shuffle=True)


def order(sampler, epoch=0, start=0):
    sampler.set_epoch(epoch)
    sampler.start = start
    return list(sampler)


def test_the_order_is_that_of_the_sampler_inside_from_any_start():
    sampler, inside = ResumableSampler(SAMPLER, range(20), 7), DefaultSampler(range(20))
    inside.seed, inside.epoch = 7, 3
    whole = order(sampler, 3)
    assert [draw.index for draw in whole] == list(inside)
    assert order(sampler, 3, 13) == whole[13:]
    assert len(sampler) == 20
    states = {draw.state for epoch in (0, 1) for draw in order(sampler, epoch)}
    assert len(states) == 40


def test_the_seed_is_that_of_the_run_that_is_resumed():
    sampler = ResumableSampler(SAMPLER, range(20), 0)
    sampler.set_seed(7)
    assert order(sampler) == order(ResumableSampler(SAMPLER, range(20), 7))


def test_two_processes_share_the_draws_of_one(monkeypatch):
    one = order(ResumableSampler(SAMPLER, range(20), 7))
    for rank in (0, 1):
        for module in (
            'mmengine.dataset.sampler',
            'mmwsol.datasets.samplers.resumable_sampler',
        ):
            monkeypatch.setattr(f'{module}.get_dist_info', lambda rank=rank: (rank, 2))
        assert order(ResumableSampler(SAMPLER, range(20), 7)) == one[rank::2]


def test_a_sample_is_the_same_whatever_was_loaded_before():
    flip = [dict(type='RandomFlip', prob=0.5), dict(type='PackInputs')]
    toy = dict(type='ToyShapes', num_train=20, pipeline=flip)
    data = SeededDataset(toy)
    draws = order(ResumableSampler(SAMPLER, data, 0))
    images = {draw.index: data[draw]['inputs'] for draw in draws}
    for draw in reversed(draws):
        assert torch.equal(data[draw]['inputs'], images[draw.index])
    stored = [torch.from_numpy(data.draw(i, 'train').image) for i in images]
    kept = [
        torch.equal(images[i].permute(1, 2, 0), image)
        for i, image in zip(images, stored)
    ]
    assert {*kept} == {True, False}  # some were flipped
    assert data.metainfo['classes'][0] == 'fox'


def test_another_number_of_batches_cannot_go_on_inside_an_epoch(undisturbed):
    loop = ResumableTrainLoop.__new__(ResumableTrainLoop)
    loop.dataloader = range(12)
    with pytest.raises(
        ValueError, match=r'Expected 6 batches.*`train_dataloader.batch'
    ):
        loop.resume(dict(seed=0, batches_done=3, batches=6))


def test_a_built_loader_is_refused():
    with pytest.raises(TypeError, match='`train_dataloader` to be a dict'):
        ResumableTrainLoop(None, [], max_epochs=1)


@pytest.mark.parametrize(('restarts', 'code'), [(0, 143), (1, 0), (1, 1)])
def test_slurm_job_is_requeued_when_taken_back(tmp_path, restarts, code):
    """With stand-ins for slurm's commands, which note how they were called."""
    for name, exit_code in (('srun', code), ('scontrol', 0)):
        file = tmp_path / name
        file.write_text(
            f'#!/usr/bin/env bash\necho {name} "$@" >> {tmp_path}/calls\nexit {exit_code}'
        )
        file.chmod(0o755)
    done = subprocess.run(
        ['bash', str(ROOT / 'tools/slurm_train.sh'), 'part', 'job', 'a.py', 'there'],
        env={
            **os.environ,
            'PATH': f'{tmp_path}:{os.environ["PATH"]}',
            'SLURM_JOB_ID': '42',
            'SLURM_RESTART_COUNT': str(restarts),
        },
        check=False,
    )
    assert done.returncode == code
    first, *others = (tmp_path / 'calls').read_text().splitlines()
    assert ('--resume' in first) == (restarts > 0)
    assert others == (['scontrol requeue 42'] if code == 143 else [])


def test_make_soak_runs_the_long_forms():
    makefile = (ROOT / 'Makefile').read_text()
    (recipe,) = re.findall(r'^soak: install\n((?:\t.*\n)+)', makefile, re.MULTILINE)
    for command in ('tests.support.soak --kills 50', 'pytest -m faults --long'):
        assert command in recipe
    assert recipe.count('work_dirs/soak/') == 3
    assert recipe.count('-o pipefail') == recipe.count('| tee')  # a failure is one
    document = (ROOT / 'docs/reliability.md').read_text()
    assert 'make soak' in ' '.join(document.split())
