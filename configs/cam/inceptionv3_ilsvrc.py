"""CAM, InceptionV3, ILSVRC-2012.

Learning Deep Features for Discriminative Localization (CVPR 2016).
Paper, Table 8 (Top-1 / Top-5 / GT-known Loc): 46.29 / 58.19 / 62.68. Ours: see metafile.yml.
Command: python tools/train.py configs/cam/inceptionv3_ilsvrc.py
"""

_base_ = [
    '../_base_/models/inceptionv3.py',
    '../_base_/datasets/ilsvrc.py',
    '../_base_/schedules/ilsvrc.py',
    '../_base_/default_runtime.py',
]
