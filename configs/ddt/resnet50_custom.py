"""DDT, ResNet-50, your own images.

Unsupervised object discovery and co-localization by deep descriptor transforming (2017).
One pass without gradients. Ours: see metafile.yml.
Command: python tools/train.py configs/ddt/resnet50_custom.py
"""

_base_ = [
    '../_base_/models/ddt_resnet50.py',
    '../_base_/datasets/custom_448.py',
    '../_base_/schedules/fit.py',
    '../_base_/custom_runtime.py',
]

num_classes = 10  # folders of data_root
model = dict(head=dict(num_classes=num_classes), familiarity=True)
