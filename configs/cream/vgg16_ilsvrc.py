"""CREAM, VGG-16, ILSVRC-2012.

CREAM: Weakly Supervised Object Localization via Class RE-Activation Mapping (CVPR 2022).
Published (Top-1 / Top-5 / GT-known Loc; PNSC paper, Table 6):
52.37 / 64.20 / 68.32. Ours: see metafile.yml.
Command: python tools/train.py configs/cream/vgg16_ilsvrc.py
"""

_base_ = '../cam/vgg16_ilsvrc.py'

model = dict(head=dict(type='CREAMHead'))
