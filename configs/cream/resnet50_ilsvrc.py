"""CREAM, ResNet-50, ILSVRC-2012.

CREAM: Weakly Supervised Object Localization via Class RE-Activation Mapping (CVPR 2022).
Published (Top-1 / Top-5 / GT-known Loc; PNSC paper, Table 7):
55.66 / - / 69.31. Ours: see metafile.yml.
Command: python tools/train.py configs/cream/resnet50_ilsvrc.py
"""

_base_ = '../cam/resnet50_ilsvrc.py'

model = dict(head=dict(type='CREAMHead'))
