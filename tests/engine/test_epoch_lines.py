"""Training on your own images says how far it is, and no more."""

import re
import shlex
from pathlib import Path

import cv2
import numpy as np
import pytest
from mmengine.config import Config

from mmwsol.apis import LocInferencer
from mmwsol.command import command_line
from mmwsol.engine.hooks.epoch_lines_hook import next_steps
from mmwsol.engine.launch import build_runner, training_config
from tests.support.models import ROOT, shrink


@pytest.fixture
def photos(tmp_path):
    """Two classes of five images."""
    root = tmp_path / "Jane's photos"
    for name in ('cat', 'dog'):
        (root / name).mkdir(parents=True)
        for i in range(5):
            noise = np.random.default_rng(i).integers(0, 255, (40, 40, 3), np.uint8)
            cv2.imwrite(str(root / name / f'{i}.png'), noise)
    return root


@pytest.fixture
def own_config(photos, tmp_path, monkeypatch):
    """A small config for them, that shows its lines."""
    monkeypatch.chdir(tmp_path)

    def build(base, **changes):
        config = shrink(Config.fromfile(ROOT / 'configs' / base))
        for name in ('train', 'val', 'test'):
            loader = config[f'{name}_dataloader']
            loader.update(batch_size=4, num_workers=0, persistent_workers=False)
            loader.update(pin_memory=False)
            loader.dataset.update(data_root=str(photos), val_per_class=1)
        config.model.head.num_classes = 2
        config.work_dir = str(tmp_path / 'my model')
        config.merge_from_dict(changes)
        return config

    return build


def test_a_line_an_epoch_and_what_to_type_next(own_config, photos, tmp_path, capfd):
    config = own_config('cam/resnet50_custom.py')
    config.train_cfg.update(max_epochs=3, val_interval=2)
    runner = build_runner(config)
    runner.train()
    out, err = capfd.readouterr()
    lines = [line for line in out.splitlines() if line]
    assert re.fullmatch(
        r'training on 8 images; all else is in my model/.*\.log', lines[0]
    )
    losses = r'loss \d+\.\d{3}'
    assert re.fullmatch(rf'epoch 1/3  {losses}  \d+ s left', lines[1])
    assert re.fullmatch(
        rf'epoch 2/3  {losses}  classes right \d+\.0 %  \d+ s left', lines[2]
    )
    assert re.fullmatch(rf'epoch 3/3  {losses}  classes right \d+\.0 %', lines[3])
    assert 'The model is my model/epoch_3.pth' in lines[4]
    assert (len(lines), err) == (6, '')
    log = Path(runner.logger.log_file).read_text()
    assert 'Config:' in log
    assert 'Epoch(val) [3][1/1]' in log
    # the command is ready to paste, and its files are there
    *_, images, own, checkpoint, _, _ = shlex.split(lines[5])
    assert images == str(photos)
    assert LocInferencer(own, checkpoint).classes == ['cat', 'dog']


def test_warnings_that_a_user_can_act_on_are_shown(own_config, capfd):
    runner = build_runner(own_config('cam/resnet50_custom.py'))
    capfd.readouterr()
    runner.logger.warning('Leaves two damaged images out.')
    runner.logger.warning('"This" will be deprecated.')
    runner.logger.info('optimizer')
    out, _ = capfd.readouterr()
    assert 'two damaged images' in out
    assert 'deprecated' not in out
    assert 'optimizer' not in out


def test_an_epoch_that_lasts_gets_more_lines(own_config, capfd):
    config = own_config('ddt/resnet50_custom.py')
    config.custom_hooks[-1].interval = 0
    config.model.backbone.init_cfg = None
    build_runner(config).train()
    out, _ = capfd.readouterr()
    assert re.search(r'^epoch 1/1: step 1 of 2  \d+ s left$', out, re.M)
    assert re.search(r'^epoch 1/1  classes right', out, re.M)  # there is no loss


def test_boxes_are_worth_an_evaluation(own_config):
    config = own_config('cam/resnet50_custom.py')
    assert len(next_steps(config, 'model', 'model/epoch_1.pth')) == 2
    config.test_dataloader.dataset.boxes = 'boxes.csv'
    command = next_steps(config, 'my model', 'my model/epoch_1.pth')[-1]
    assert "'my model/epoch_1.pth' --out held_out.json" in command


def test_the_whole_log_is_shown_where_it_is_asked_for():
    config = str(ROOT / 'configs/cam/resnet50_custom.py')
    assert training_config([config]).runner_type == 'BriefRunner'
    assert 'runner_type' not in training_config([config, '--verbose'])
    toy = training_config([str(ROOT / 'configs/cam/resnet18_toy.py')])
    assert 'runner_type' not in toy
    assert not any(hook['type'] == 'EpochLinesHook' for hook in toy.custom_hooks)


@pytest.mark.parametrize('installed', [True, False])
def test_commands_are_ready_to_paste(installed, monkeypatch, tmp_path):
    monkeypatch.setattr('shutil.which', lambda name: '/bin/it' if installed else None)
    words = shlex.split(command_line('infer', "it's $HOME; *.jpg", tmp_path / 'a b'))
    assert words[-2:] == ["it's $HOME; *.jpg", str(tmp_path / 'a b')]
    assert words[:2] == ['mmwsol', 'infer'] if installed else Path(words[1]).is_file()
