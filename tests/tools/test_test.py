"""tools/test.py: the same numbers from one process and two, from maps in files, other views."""

import json
import pickle
import signal
from functools import partial

import cv2
import numpy as np
import pytest
import torch
from mmpretrain.registry import MODELS

from mmwsol.datasets.toy import ToyShapes
from mmwsol.evaluation import MapFiles
from mmwsol.io.map_folders import read_annotations
from tests.support.commands import (
    PNSC,
    SMALL,
    call,
    free_port,
    metrics_of,
    plain,
    run,
    shell,
    succeed,
)
from tests.support.damage import Attack
from tests.support.models import ROOT
from tests.support.processes import start
from tools.report.runs import read_run
from tools.report.settings import in_words


@pytest.fixture(scope='module')
def from_two(toy_folder, tmp_path_factory):
    """A folder with what two processes wrote: numbers, maps and annotations."""
    folder = tmp_path_factory.mktemp('from_two')
    # 13 images: one process sees an image more than the other
    arguments = (PNSC, toy_folder / 'epoch_2.pth', 2, '--work-dir', folder)
    out = ('--out', folder / 'metrics.json', '--save-maps', folder)
    shell('dist_test.sh', *arguments, *out, PORT=free_port())
    return folder


def test_two_processes_evaluate_as_one_does(toy_folder, from_two, tmp_path):
    out, checkpoint = tmp_path / 'one.json', toy_folder / 'epoch_2.pth'
    succeed('test', PNSC, checkpoint, '--work-dir', tmp_path, '--out', out)
    one, two = metrics_of(out), metrics_of(from_two / 'metrics.json')
    assert one == two
    assert {'pix/pxap', 'pix/piou', 'loc/threshold_v2_iou70'} <= one.keys()
    assert {'loc/gt_known', 'loc/top1', 'loc/top5', 'loc/maxboxacc'} <= one.keys()


def test_saved_maps_have_the_same_numbers_from_two_processes_too(from_two, tmp_path):
    expected, file = metrics_of(from_two / 'metrics.json'), tmp_path / 'maps.json'
    arguments = ('--maps', from_two / 'maps', '--ann', from_two / 'annotations')
    code, output = plain('eval_maps', *arguments, '--out', file, '--workers', 2)
    assert code == 0, output
    found = json.loads(file.read_text())
    assert found['metrics']['num_images'] == 13
    for name, value in found['metrics'].items():
        assert value == expected[f'loc/{name}'], name
    assert found['curves'] == expected['curves']


def test_threshold_chosen_on_held_out_training_images(toy_folder, tmp_path):
    names = tmp_path / 'val.txt'
    succeed('prepare.holdout', PNSC, '--per-class', 2, '--out', names)
    assert len(names.read_text().split()) == 12
    held_out, out = tmp_path / 'val.json', tmp_path / 'test.json'
    dataset = 'test_dataloader.dataset'
    options = [f'{dataset}.split=val', f'{dataset}.val_list={names}']
    options.append(f'{dataset}.num_train=24')
    checkpoint = toy_folder / 'epoch_2.pth'
    arguments = ('test', PNSC, checkpoint, '--work-dir', tmp_path, '--out')
    succeed(*arguments, held_out, options=options)
    tuned = metrics_of(held_out)
    assert tuned['loc/num_images'] == 12
    option = f'test_evaluator.0.threshold=from_split={held_out}'
    succeed(*arguments, out, options=[option])
    metrics = metrics_of(out)
    assert metrics['loc/threshold'] == tuned['loc/threshold']
    assert metrics['protocol']['threshold'] == f'from_split={held_out}'
    assert metrics['loc/gt_known'] <= metrics['loc/maxboxacc']


def test_an_evaluation_that_can_judge_no_image_fails(toy_folder, tmp_path):
    out = tmp_path / 'metrics.json'
    options = [
        "test_dataloader.dataset.pipeline=[dict(type='PackInputs')]",  # no boxes
        "test_evaluator=[dict(type='MaxBoxAccV2')]",
    ]
    arguments = (PNSC, toy_folder / 'epoch_2.pth', '--work-dir', tmp_path, '--out', out)
    code, output = run('test', *arguments, options=options)
    assert code == 1
    assert '`loc` could judge none of 13' in output
    assert not out.exists()


@pytest.mark.parametrize('old_format', [False, True])
def test_a_checkpoint_with_code_is_refused_and_not_run(tmp_path, old_format):
    evil, target = tmp_path / 'evil.pth', tmp_path / 'owned'
    content = dict(state_dict={}, meta=Attack(target))
    if old_format:
        evil.write_bytes(pickle.dumps(content))
    else:
        torch.save(content, evil)
    code, output = run('test', PNSC, evil, '--work-dir', tmp_path)
    assert code != 0
    assert 'Refused to load' in output or 'damaged or no checkpoint' in output
    assert str(evil) in output
    assert not target.exists()


@pytest.mark.parametrize(
    ('options', 'expected'),
    [
        (['model.backbone.depth=34'], "has no 'backbone.layer1.2"),
        (['model.neck.num_maps=1'], 'instead of (1,'),
    ],
)
def test_a_checkpoint_of_another_model_is_refused(
    toy_folder, tmp_path, options, expected
):
    code, output = run(
        'test',
        PNSC,
        toy_folder / 'epoch_2.pth',
        '--work-dir',
        tmp_path,
        options=options,
    )
    assert code != 0
    assert expected in output
    assert 'epoch_2.pth' in output


def test_ten_crops_change_the_class_scores_and_not_the_map(cub_root, tmp_path):
    config, folder = tmp_path / 'legacy.py', tmp_path / 'work'
    config.write_text(
        f"_base_ = ['{ROOT}/configs/_base_/models/mobilenetv2.py',\n"
        f"          '{ROOT}/configs/_base_/datasets/cub_legacy.py',\n"
        f"          '{ROOT}/configs/_base_/schedules/cub.py',\n"
        f"          '{ROOT}/configs/_base_/default_runtime.py']\n"
        'model = dict(backbone=dict(init_cfg=None), head=dict(num_classes=3))\n'
        "val_evaluator = test_evaluator = [dict(type='MaxBoxAccV2')]\n"
    )
    options = [option for option in SMALL if 'dataset' not in option]
    options += ['train_cfg.max_epochs=1']
    options += [
        f'{loader}_dataloader.dataset.data_root={cub_root}'
        for loader in ('train', 'val', 'test')
    ]
    end = ('--work-dir', folder, '--cfg-options', *options)
    one, ten = tmp_path / 'one.json', tmp_path / 'ten.json'
    checkpoint = folder / 'epoch_1.pth'
    for command in (
        ('train', config, '--no-validate'),
        ('test', config, checkpoint, '--out', one),
        ('test', config, checkpoint, '--out', ten, '--tta'),
    ):
        code, output = plain(*command, *end)
        assert code == 0, output
    one, ten = json.loads(one.read_text()), json.loads(ten.read_text())
    assert one['loc/gt_known'] == ten['loc/gt_known']
    assert one['loc/threshold'] == ten['loc/threshold']


def test_tta_without_its_settings_is_explained(toy_folder, tmp_path):
    code, output = run(
        'test', PNSC, toy_folder / 'epoch_2.pth', '--tta', '--work-dir', tmp_path
    )
    assert code != 0
    assert 'cub_legacy.py' in output


def test_what_makes_the_maps_is_chosen_and_said(toy_folder, tmp_path):
    out, checkpoint = tmp_path / 'pc1.json', toy_folder / 'epoch_2.pth'
    arguments = ('test', PNSC, checkpoint, '--work-dir', tmp_path, '--map-maker')
    layer = 'backbone.layer3'
    options = [f'model.map_maker.layer={layer}', 'model.head.map_classes=all']
    succeed(*arguments, 'PC1', '--out', out, options=options)
    found = json.loads(out.read_text())
    assert found['map_maker'] == dict(type='PC1', layer=layer)
    assert found['loc/num_images'] == 13
    seen = read_run(tmp_path)
    assert "true class's map by PC1(layer=backbone.layer3)" in in_words(seen.setting)
    assert seen.map_maker == 'PC1(layer=backbone.layer3)'
    code, output = plain(*arguments, 'GradCam')
    assert code == 1
    assert 'BagCAMs, GradCAM, GradCAMPlusPlus, LayerCAM, PC1, ScoreCAM' in output
    assert "'GradCam'" in output


def test_evaluation_draws_pictures_when_asked(tiny_config, tmp_path):
    config = tiny_config('cam/resnet18_toy.py')
    config.test_dataloader.update(num_workers=0, persistent_workers=False, batch_size=3)
    config.test_dataloader.dataset.num_test = 7
    config.dump(tmp_path / 'toy.py')
    torch.save(MODELS.build(config.model).state_dict(), tmp_path / 'toy.pth')
    code, output = plain(
        *('test', tmp_path / 'toy.py', tmp_path / 'toy.pth'),
        *('--work-dir', tmp_path / 'work'),
        *('--show-dir', tmp_path / 'shown', '--interval', '3'),
    )
    assert code == 0, output
    names = sorted(p.name for p in (tmp_path / 'shown').iterdir())
    assert [int(name[:6]) for name in names] == [0, 3, 6]
    drawn = ToyShapes().draw(3, 'test').image.astype(float).mean((0, 1))
    shown = cv2.imread(str(tmp_path / 'shown' / names[1])).astype(float).mean((0, 1))
    # the heat-map adds color of its own, but does not exchange red and blue
    assert np.abs(shown - drawn).max() < 90


def told_to_end(number: int, arguments: list[str]) -> None:
    """The tool gets a signal while it writes the third map."""
    process = MapFiles.process

    def cut(self: MapFiles, *args: object) -> None:
        process(self, *args)
        if len(self.results) == 3:
            signal.raise_signal(number)

    MapFiles.process = cut
    call('tools.test', arguments)


def test_maps_are_kept_when_it_is_told_to_end(toy_folder, tmp_path):
    arguments = [PNSC, toy_folder / 'epoch_2.pth', '--work-dir', tmp_path]
    arguments += ['--save-maps', tmp_path / 'saved', '--cfg-options', *SMALL]
    work = partial(told_to_end, signal.SIGTERM, [*map(str, arguments)])
    process = start(work, tmp_path / 'output.txt')
    process.join(240)
    output = (tmp_path / 'output.txt').read_text()
    assert process.exitcode == 128 + signal.SIGTERM, output
    assert 'Stopped by SIGTERM after 3 of 13 images' in output
    ids = read_annotations(tmp_path / 'saved/annotations').ids
    assert len(ids) == 3
    assert len([*(tmp_path / 'saved/maps').rglob('*.npy')]) == 3


def test_pictures_that_are_not_written_are_named(toy_folder, tmp_path):
    (tmp_path / 'shown').write_text('a file, not a folder')
    shown = ('--show-dir', tmp_path / 'shown', '--interval', 1)
    code, output = run(
        'test', PNSC, toy_folder / 'epoch_2.pth', '--work-dir', tmp_path, *shown
    )
    assert code == 1
    assert '13 files were not written' in output
    assert 'shown/000001_' in output
