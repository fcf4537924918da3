"""PSOL on ToyShapes.

Rethinking the Route Towards Weakly Supervised Object Localization (CVPR 2020).
Needs pseudo boxes: configs/psol/README.md.
Command: python tools/train.py configs/psol/resnet18_toy.py
"""

_base_ = [
    '../_base_/models/toy_resnet18.py',
    '../_base_/datasets/psol_toy.py',
    '../_base_/schedules/toy.py',
    '../_base_/default_runtime.py',
]

model = dict(neck=None, head=dict(type='PSOLHead'))
