"""One line brings every module into another project."""

import os
import subprocess
import sys

OUTSIDE = """
custom_imports = dict(imports=['mmwsol'])
default_scope = 'mmpretrain'
model = dict(
    type='Localizer',
    backbone=dict(type='TapResNet', depth=18, stem_channels=8, base_channels=8),
    neck=dict(type='SoftFusionNeck', num_maps=6, in_channels=(32, 64), num_convs=0),
    head=dict(
        type='PNSCHead',
        num_classes=6,
        in_channels=64,
        loss_fusion=dict(type='SoftFusionLoss', weights=(1.0, 1.5)),
        loss_contrast=dict(type='PNSCLoss'),
    ),
)
pipeline = [dict(type='LoadBoxes'), dict(type='PackInputs', algorithm_keys=('gt_bboxes',))]
train_dataloader = dict(
    batch_size=4,
    sampler=dict(type='DefaultSampler', shuffle=True),
    collate_fn=dict(type='default_collate'),
    dataset=dict(type='ToyShapes', num_train=12, pipeline=[dict(type='PackInputs')]),
)
val_dataloader = dict(
    batch_size=4,
    sampler=dict(type='DefaultSampler', shuffle=False),
    collate_fn=dict(type='default_collate'),
    dataset=dict(
        type='ToyShapes', num_test=12, split='test', test_mode=True, pipeline=pipeline
    ),
)
test_dataloader = val_dataloader
val_evaluator = [dict(type='MaxBoxAccV2'), dict(type='Accuracy')]
test_evaluator = val_evaluator
train_cfg = dict(by_epoch=True, max_epochs=1)
val_cfg = dict()
test_cfg = dict()
optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.01))
"""


def test_one_line_brings_every_module_into_another_project(tmp_path):
    """A config outside this repository, run by mmengine alone in a folder of its own."""
    (tmp_path / 'own.py').write_text(OUTSIDE)
    code = (
        'from mmengine.config import Config; from mmengine.runner import Runner\n'
        "config = Config.fromfile('own.py'); config.work_dir = 'work'\n"
        'runner = Runner.from_cfg(config); runner.train()\n'
        'print(sorted(runner.test())[0:99])\n'
    )
    done = subprocess.run(
        [sys.executable, '-c', code],
        cwd=tmp_path,
        env={**os.environ, 'OMP_NUM_THREADS': '1', 'PYTHONWARNINGS': 'ignore'},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "'loc/gt_known'" in done.stdout
