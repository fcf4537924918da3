"""CAM on ToyShapes.

Learning Deep Features for Discriminative Localization (CVPR 2016).
Command: python tools/train.py configs/cam/resnet18_toy.py
"""

_base_ = [
    '../_base_/models/toy_resnet18.py',
    '../_base_/datasets/toy.py',
    '../_base_/schedules/toy.py',
    '../_base_/default_runtime.py',
]
