"""CREAM, ResNet-50, CUB-200-2011.

CREAM: Weakly Supervised Object Localization via Class RE-Activation Mapping (CVPR 2022).
Published (Top-1 / Top-5 / GT-known Loc; PNSC paper, Table 4):
76.03 / - / 89.88. Ours: see metafile.yml.
Command: python tools/train.py configs/cream/resnet50_cub.py
"""

_base_ = '../cam/resnet50_cub.py'

model = dict(head=dict(type='CREAMHead'))
