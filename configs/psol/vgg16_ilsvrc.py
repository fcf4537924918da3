"""PSOL, VGG-16, ILSVRC-2012.

Rethinking the Route Towards Weakly Supervised Object Localization (CVPR 2020).
Published (Top-1 / Top-5 / GT-known Loc; BAS's comparison):
50.89 / 60.90 / 64.03. Ours: see metafile.yml.
Needs pseudo boxes: configs/psol/README.md.
Command: python tools/train.py configs/psol/vgg16_ilsvrc.py
"""

_base_ = [
    '../_base_/models/vgg16.py',
    '../_base_/datasets/psol_ilsvrc.py',
    '../_base_/schedules/psol_ilsvrc.py',
    '../_base_/default_runtime.py',
]

model = dict(
    neck=None,
    head=dict(type='PSOLHead', num_classes=1000, in_channels=512),
)
