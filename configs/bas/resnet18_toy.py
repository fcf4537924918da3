"""BAS on ToyShapes.

Command: python tools/train.py configs/bas/resnet18_toy.py
"""

_base_ = '../cam/resnet18_toy.py'

model = dict(
    neck=dict(type='ForegroundGenerator'),
    # chosen on held-out training drawings: docs/results.md
    head=dict(type='BASHead', foreground_weight=1.0, area_weight=0.2),
)
