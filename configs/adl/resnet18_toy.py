"""ADL on ToyShapes.

Command: python tools/train.py configs/adl/resnet18_toy.py
"""

_base_ = '../cam/resnet18_toy.py'

plugins = [
    dict(
        module=dict(type='ADL', drop_rate=0.75, gamma=0.9),
        after=['backbone.layer3.0', 'backbone.layer4.0', 'backbone.layer4.1'],
    )
]
model = dict(plugins=plugins)
