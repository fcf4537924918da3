"""FAM, ResNet-50, ILSVRC-2012.

Foreground Activation Maps for Weakly Supervised Object Localization (ICCV 2021).
Published (Top-1 / Top-5 / GT-known Loc; PNSC paper, Table 7):
54.46 / - / 64.56. Ours: see metafile.yml.
Command: python tools/train.py configs/fam/resnet50_ilsvrc.py
"""

_base_ = '../cam/resnet50_ilsvrc.py'

model = dict(head=dict(type='FAMHead'))
