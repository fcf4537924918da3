"""In-sample contrast on ToyShapes.

Command: python tools/train.py configs/isc/resnet18_toy.py
"""

_base_ = '../cam/resnet18_toy.py'

plugins = [
    dict(
        module=dict(type='InSampleAttention', in_channels=32),
        after=['backbone.layer3.0'],
    ),
    dict(
        module=dict(type='InSampleAttention', in_channels=64),
        after=['backbone.layer4.0', 'backbone.layer4.1'],
    ),
]
model = dict(plugins=plugins, head=dict(type='ISCHead'))
