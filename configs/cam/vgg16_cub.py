"""CAM, VGG-16, CUB-200-2011.

Learning Deep Features for Discriminative Localization (CVPR 2016).
Paper, Table 3 (Top-1 / Top-5 / GT-known Loc): 44.15 / 52.16 / 58.00. Ours: see metafile.yml.
Command: python tools/train.py configs/cam/vgg16_cub.py
"""

_base_ = [
    '../_base_/models/vgg16.py',
    '../_base_/datasets/cub.py',
    '../_base_/schedules/cub.py',
    '../_base_/default_runtime.py',
]

model = dict(head=dict(num_classes=200))
