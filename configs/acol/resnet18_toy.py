"""ACoL on ToyShapes.

Command: python tools/train.py configs/acol/resnet18_toy.py
"""

_base_ = '../cam/resnet18_toy.py'

model = dict(neck=dict(type='TwinConvs'), head=dict(type='ACoLHead', erase_above=0.7))
