"""PSOL from the start: boxes of one model, a regressor of them, classes of the first."""

import json

from tests.support.commands import metrics_of, succeed
from tests.support.models import ROOT
from tools.report.runs import read_run
from tools.report.settings import in_words

CAM, PSOL = (ROOT / f'configs/{method}/resnet18_toy.py' for method in ('cam', 'psol'))


def test_two_stages_on_toy_shapes(tmp_path):
    once = ['train_cfg.max_epochs=1', 'train_cfg.val_interval=1']
    cam, psol = tmp_path / 'cam', tmp_path / 'psol'
    succeed('train', CAM, '--work-dir', cam, options=once)
    boxes, labels = tmp_path / 'boxes.json', tmp_path / 'labels.json'
    checkpoint = cam / 'epoch_1.pth'
    succeed('export_boxes', CAM, checkpoint, '--out', boxes, '--workers', 0)
    arguments = ('--work-dir', cam, '--save-labels', labels, '--out', cam / 'out.json')
    succeed('test', CAM, checkpoint, *arguments)
    option = f'train_dataloader.dataset.pseudo_boxes={boxes}'
    succeed('train', PSOL, '--work-dir', psol, options=[*once, option])
    arguments = (psol / 'epoch_1.pth', '--work-dir', psol, '--out', psol / 'out.json')
    succeed('test', PSOL, *arguments, '--labels-from', labels)
    found = metrics_of(psol / 'out.json')
    assert found['labels_from'] == 'cam/resnet18_toy'
    own = metrics_of(cam / 'out.json')
    assert found['accuracy/top1'] == own['accuracy/top1']
    assert {'loc/gt_known', 'loc/top1', 'loc/top5'} <= found.keys()
    assert (
        not {'loc/threshold', 'loc/maxboxacc_v2', 'pix/pxap', 'curves'} & found.keys()
    )
    assert json.loads(labels.read_text())['model'] == 'cam/resnet18_toy'
    setting = read_run(psol).setting
    assert (setting['maps'], setting['labels']) == ('none', 'cam/resnet18_toy')
    assert 'a box and no map, classes of another network, cam/res' in in_words(setting)
    assert 'threshold' not in in_words(setting)
