"""BAS on ToyShapes.

Command: python tools/train.py configs/bas/resnet18_toy.py
"""

_base_ = '../cam/resnet18_toy.py'

model = dict(
    neck=dict(type='ForegroundGenerator', num_maps=6),
    head=dict(type='BASHead', foreground_weight=0.5, area_weight=1.0),
)
