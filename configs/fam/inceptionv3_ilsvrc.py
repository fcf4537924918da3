"""FAM, InceptionV3, ILSVRC-2012.

Foreground Activation Maps for Weakly Supervised Object Localization (ICCV 2021).
Published (Top-1 / Top-5 / GT-known Loc; PNSC paper, Table 8):
55.24 / - / 68.62. Ours: see metafile.yml.
Command: python tools/train.py configs/fam/inceptionv3_ilsvrc.py
"""

_base_ = '../cam/inceptionv3_ilsvrc.py'

model = dict(head=dict(type='FAMHead'))
