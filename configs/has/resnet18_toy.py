"""HaS on ToyShapes.

Command: python tools/train.py configs/has/resnet18_toy.py
"""

_base_ = '../cam/resnet18_toy.py'

hide = dict(type='HideAndSeek', grid_size=16, drop_rate=0.5)
train_dataloader = dict(
    dataset=dict(
        pipeline=[*_base_.train_pipeline[:-1], hide, _base_.train_pipeline[-1]]
    )
)
