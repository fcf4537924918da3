"""CREAM, VGG-16, CUB-200-2011.

CREAM: Weakly Supervised Object Localization via Class RE-Activation Mapping (CVPR 2022).
Published (Top-1 / Top-5 / GT-known Loc; PNSC paper, Table 3):
70.44 / 85.67 / 90.98. Ours: see metafile.yml.
Command: python tools/train.py configs/cream/vgg16_cub.py
"""

_base_ = '../cam/vgg16_cub.py'

model = dict(head=dict(type='CREAMHead'))
