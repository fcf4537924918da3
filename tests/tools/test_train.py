"""tools/train.py and its scripts: one process and two, killed, resumed, refused."""

import os
import signal
import subprocess
import sys
import time

import pytest
import torch

from mmwsol.engine.checkpoints import load_plain
from tests.support.commands import (
    ENVIRONMENT,
    PNSC,
    SMALL,
    free_port,
    run,
    shell,
    succeed,
)
from tests.support.models import ROOT


def test_two_processes_train(tmp_path):
    shell('dist_train.sh', PNSC, 2, '--work-dir', tmp_path, PORT=free_port())
    assert (tmp_path / 'epoch_2.pth').exists()


@pytest.mark.parametrize(
    ('script', 'tool', 'last'),
    [
        ('slurm_train.sh', 'train.py', ['--work-dir', 'there']),
        ('slurm_test.sh', 'test.py', ['there']),
    ],
)
def test_slurm_scripts_hand_the_command_to_srun(tmp_path, script, tool, last):
    srun = tmp_path / 'srun'  # stands in for slurm's: prints its arguments
    srun.write_text('#!/usr/bin/env bash\nprintf "%s\\n" "$@"\n')
    srun.chmod(0o755)
    path = f'{tmp_path}:{os.environ["PATH"]}'
    words = shell(
        script, 'part', 'job', PNSC, 'there', '--work-dir', 'x', PATH=path, GPUS='4'
    ).splitlines()
    assert {'--partition=part', '--job-name=job', '--ntasks=4'} <= set(words)
    start = next(i for i, word in enumerate(words) if word.endswith(tool))
    expected = [str(PNSC), *last]
    assert words[start + 1 : start + 1 + len(expected)] == expected
    assert words[words.index('--launcher') + 1] == 'slurm'


def test_a_killed_run_goes_on_from_its_last_checkpoint(tmp_path):
    longer = ['train_cfg.max_epochs=3', 'train_dataloader.dataset.num_train=160']
    process = subprocess.Popen(
        [sys.executable, 'tools/train.py', PNSC, '--work-dir', tmp_path]
        + ['--cfg-options', *SMALL, *longer],
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.time() + 120
    while not (tmp_path / 'last_checkpoint').exists():
        assert process.poll() is None
        assert time.time() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)  # in mid-epoch 2
    process.wait()
    assert not (tmp_path / 'epoch_3.pth').exists()
    output = succeed('train', PNSC, '--work-dir', tmp_path, '--resume', options=longer)
    assert 'resumed epoch: 1' in output
    assert 'Epoch(train) [1]' not in output
    assert load_plain(tmp_path / 'epoch_3.pth')['meta']['epoch'] == 3


def test_checkpoints_hold_nothing_but_tensors_and_plain_values(toy_folder):
    checkpoint = torch.load(toy_folder / 'epoch_2.pth', weights_only=True)
    assert {'state_dict', 'optimizer', 'meta', 'message_hub'} <= checkpoint.keys()


def test_pretrained_weights_of_another_backbone_are_refused(toy_folder, tmp_path):
    init = dict(
        type='Pretrained',
        checkpoint=str(toy_folder / 'epoch_2.pth'),
        prefix='backbone',
    )
    options = [f'model.backbone.init_cfg.{k}={v}' for k, v in init.items()]
    options.append('model.backbone.depth=34')
    code, output = run('train', PNSC, '--work-dir', tmp_path, options=options)
    assert code != 0
    assert 'Expected weights of TapResNet' in output
    assert 'model.backbone.init_cfg.checkpoint' in output


def test_class_count_must_agree(tmp_path):
    code, output = run(
        'train',
        PNSC,
        '--work-dir',
        tmp_path,
        options=['train_dataloader.dataset.num_classes=4'],
    )
    assert code != 0
    assert 'Expected 6 classes (`model.head.num_classes`)' in output
    assert not list(tmp_path.glob('*.pth'))


def test_a_loss_that_is_no_number_stops_the_run(tmp_path):
    code, output = run(
        'train',
        PNSC,
        '--work-dir',
        tmp_path,
        options=['optim_wrapper.optimizer.lr=1e30'],
    )
    assert code != 0
    assert (
        'The loss is nan at epoch 1' in output or 'The loss is inf at epoch 1' in output
    )
    assert 'toyshapes/train/' in output


def test_mixed_precision_trains(tmp_path):
    arguments = ('train', PNSC, '--work-dir', tmp_path, '--no-validate', '--amp')
    succeed(*arguments, options=['train_cfg.max_epochs=1'])
    weights = load_plain(tmp_path / 'epoch_1.pth')['state_dict']
    assert weights['head.classifier.weight'].dtype == torch.float32
