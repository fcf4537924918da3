"""PSOL, ResNet-50, CUB-200-2011.

Rethinking the Route Towards Weakly Supervised Object Localization (CVPR 2020).
Published (Top-1 / Top-5 / GT-known Loc; BAS's comparison):
70.68 / 86.64 / 90.00. Ours: see metafile.yml.
Needs pseudo boxes: configs/psol/README.md.
Command: python tools/train.py configs/psol/resnet50_cub.py
"""

_base_ = [
    '../_base_/models/resnet50.py',
    '../_base_/datasets/psol_cub.py',
    '../_base_/schedules/psol_cub.py',
    '../_base_/default_runtime.py',
]

model = dict(
    backbone=dict(type='ResNet'),
    neck=None,
    head=dict(type='PSOLHead', num_classes=200, in_channels=2048),
)
