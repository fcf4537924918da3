"""FAM, InceptionV3, CUB-200-2011.

Foreground Activation Maps for Weakly Supervised Object Localization (ICCV 2021).
Published (Top-1 / Top-5 / GT-known Loc; PNSC paper, Table 5):
70.67 / - / 87.25. Ours: see metafile.yml.
Command: python tools/train.py configs/fam/inceptionv3_cub.py
"""

_base_ = '../cam/inceptionv3_cub.py'

model = dict(head=dict(type='FAMHead'))
