"""DPM on ToyShapes.

Command: python tools/train.py configs/dpm/resnet18_toy.py
"""

_base_ = '../cam/resnet18_toy.py'

model = dict(head=dict(type='DPMHead'))
