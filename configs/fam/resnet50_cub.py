"""FAM, ResNet-50, CUB-200-2011.

Foreground Activation Maps for Weakly Supervised Object Localization (ICCV 2021).
Published (Top-1 / Top-5 / GT-known Loc; PNSC paper, Table 4):
73.74 / - / 85.73. Ours: see metafile.yml.
Command: python tools/train.py configs/fam/resnet50_cub.py
"""

_base_ = '../cam/resnet50_cub.py'

model = dict(head=dict(type='FAMHead'))
