"""CAM, VGG-16, ILSVRC-2012.

Learning Deep Features for Discriminative Localization (CVPR 2016).
Paper, Table 6 (Top-1 / Top-5 / GT-known Loc): 42.80 / 54.86 / 59.00. Ours: see metafile.yml.
Command: python tools/train.py configs/cam/vgg16_ilsvrc.py
"""

_base_ = [
    '../_base_/models/vgg16.py',
    '../_base_/datasets/ilsvrc.py',
    '../_base_/schedules/ilsvrc.py',
    '../_base_/default_runtime.py',
]
