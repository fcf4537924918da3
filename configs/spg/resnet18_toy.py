"""SPG on ToyShapes.

Command: python tools/train.py configs/spg/resnet18_toy.py
"""

_base_ = '../cam/resnet18_toy.py'

model = dict(
    head=dict(
        type='SPGHead',
        levels=('backbone.layer3.0', 'backbone.layer3.1'),
        level_channels=(32, 32),
        hidden_channels=32,
    )
)
