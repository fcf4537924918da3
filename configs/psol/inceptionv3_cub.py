"""PSOL, InceptionV3, CUB-200-2011.

Rethinking the Route Towards Weakly Supervised Object Localization (CVPR 2020).
Published (Top-1 / Top-5 / GT-known Loc; BAS's comparison):
65.51 / 83.44 / -. Ours: see metafile.yml.
Needs pseudo boxes: configs/psol/README.md.
Command: python tools/train.py configs/psol/inceptionv3_cub.py
"""

_base_ = [
    '../_base_/models/inceptionv3.py',
    '../_base_/datasets/psol_cub.py',
    '../_base_/schedules/psol_cub.py',
    '../_base_/default_runtime.py',
]

model = dict(
    neck=None,
    head=dict(type='PSOLHead', num_classes=200, in_channels=2048),
)
