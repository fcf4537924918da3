"""PSOL, ResNet-50, ILSVRC-2012.

Rethinking the Route Towards Weakly Supervised Object Localization (CVPR 2020).
Published (Top-1 / Top-5 / GT-known Loc; BAS's comparison):
53.98 / 63.08 / 65.44. Ours: see metafile.yml.
Needs pseudo boxes: configs/psol/README.md.
Command: python tools/train.py configs/psol/resnet50_ilsvrc.py
"""

_base_ = [
    '../_base_/models/resnet50.py',
    '../_base_/datasets/psol_ilsvrc.py',
    '../_base_/schedules/psol_ilsvrc.py',
    '../_base_/default_runtime.py',
]

model = dict(
    backbone=dict(type='ResNet'),
    neck=None,
    head=dict(type='PSOLHead', num_classes=1000, in_channels=2048),
)
