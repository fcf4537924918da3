"""CAM, ResNet-50, ILSVRC-2012.

Learning Deep Features for Discriminative Localization (CVPR 2016).
Paper, Table 7 (Top-1 / Top-5 / GT-known Loc): 38.99 / 49.47 / 51.86. Ours: see metafile.yml.
Command: python tools/train.py configs/cam/resnet50_ilsvrc.py
"""

_base_ = [
    '../_base_/models/resnet50.py',
    '../_base_/datasets/ilsvrc.py',
    '../_base_/schedules/ilsvrc.py',
    '../_base_/default_runtime.py',
]
