"""CAM, ResNet-50, CUB-200-2011.

Learning Deep Features for Discriminative Localization (CVPR 2016).
Paper, Table 4 (Top-1 / Top-5 / GT-known Loc): 46.71 / 54.44 / 57.35. Ours: see metafile.yml.
Command: python tools/train.py configs/cam/resnet50_cub.py
"""

_base_ = [
    '../_base_/models/resnet50.py',
    '../_base_/datasets/cub.py',
    '../_base_/schedules/cub.py',
    '../_base_/default_runtime.py',
]

model = dict(head=dict(num_classes=200))
