"""CREAM, InceptionV3, ILSVRC-2012.

CREAM: Weakly Supervised Object Localization via Class RE-Activation Mapping (CVPR 2022).
Published (Top-1 / Top-5 / GT-known Loc; PNSC paper, Table 8):
56.07 / 66.19 / 69.03. Ours: see metafile.yml.
Command: python tools/train.py configs/cream/inceptionv3_ilsvrc.py
"""

_base_ = '../cam/inceptionv3_ilsvrc.py'

model = dict(head=dict(type='CREAMHead'))
