"""CutMix on ToyShapes.

Command: python tools/train.py configs/cutmix/resnet18_toy.py
"""

_base_ = '../cam/resnet18_toy.py'

model = dict(
    data_preprocessor=dict(num_classes=6),  # of the labels that are mixed
    train_cfg=dict(augments=dict(type='CutMix', alpha=1.0), probs=0.5),
)
