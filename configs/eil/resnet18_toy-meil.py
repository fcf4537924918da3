"""MEIL, reconstructed, on ToyShapes.

Command: python tools/train.py configs/eil/resnet18_toy-meil.py
"""

_base_ = 'resnet18_toy.py'

model = dict(head=dict(deep_weight=1.0))  # the second depth
