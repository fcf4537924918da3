"""DDT, ResNet-50, CUB-200-2011.

Unsupervised object discovery and co-localization by deep descriptor transforming (2017).
One pass without gradients. Ours: see metafile.yml.
Command: python tools/train.py configs/ddt/resnet50_cub.py
"""

_base_ = [
    '../_base_/models/ddt_resnet50.py',
    '../_base_/datasets/cub_448.py',
    '../_base_/schedules/fit.py',
    '../_base_/default_runtime.py',
]

model = dict(head=dict(num_classes=200))
