"""CAM, InceptionV3, CUB-200-2011.

Learning Deep Features for Discriminative Localization (CVPR 2016).
Paper, Table 5 (Top-1 / Top-5 / GT-known Loc): 41.06 / 50.66 / 55.10. Ours: see metafile.yml.
Command: python tools/train.py configs/cam/inceptionv3_cub.py
"""

_base_ = [
    '../_base_/models/inceptionv3.py',
    '../_base_/datasets/cub.py',
    '../_base_/schedules/cub.py',
    '../_base_/default_runtime.py',
]

model = dict(head=dict(num_classes=200))
