"""CAM, ResNet-50, your own images.

Learning Deep Features for Discriminative Localization (CVPR 2016).
tools/prepare/custom.py writes a config that inherits from this one.
Command: python tools/train.py configs/cam/resnet50_custom.py
"""

_base_ = [
    '../_base_/models/resnet50.py',
    '../_base_/datasets/custom.py',
    '../_base_/schedules/custom.py',
    '../_base_/custom_runtime.py',
]

num_classes = 10  # folders of data_root
model = dict(head=dict(num_classes=num_classes), familiarity=True)
