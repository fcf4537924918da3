"""RCAM on ToyShapes.

Command: python tools/train.py configs/rcam/resnet18_toy.py
"""

_base_ = '../cam/resnet18_toy.py'

model = dict(head=dict(pool_above=0.1, positive_weights=True))
val_evaluator = [
    dict(type='MaxBoxAccV2', percentile=90.0),
    dict(type='PxAP'),
    dict(type='Accuracy'),
]
test_evaluator = val_evaluator
