"""CREAM, InceptionV3, CUB-200-2011.

CREAM: Weakly Supervised Object Localization via Class RE-Activation Mapping (CVPR 2022).
Published (Top-1 / Top-5 / GT-known Loc; PNSC paper, Table 5):
71.76 / 86.37 / 90.43. Ours: see metafile.yml.
Command: python tools/train.py configs/cream/inceptionv3_cub.py
"""

_base_ = '../cam/inceptionv3_cub.py'

model = dict(head=dict(type='CREAMHead'))
