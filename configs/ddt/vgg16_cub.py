"""DDT, VGG-16, CUB-200-2011.

Unsupervised object discovery and co-localization by deep descriptor transforming (2017).
One pass without gradients. Ours: see metafile.yml.
Command: python tools/train.py configs/ddt/vgg16_cub.py
"""

_base_ = [
    '../_base_/models/ddt_vgg16.py',
    '../_base_/datasets/cub_448.py',
    '../_base_/schedules/fit.py',
    '../_base_/default_runtime.py',
]

model = dict(head=dict(num_classes=200))
