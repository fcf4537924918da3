"""CREAM on ToyShapes.

Command: python tools/train.py configs/cream/resnet18_toy.py
"""

_base_ = '../cam/resnet18_toy.py'

model = dict(head=dict(type='CREAMHead'))
