"""FAM, VGG-16, CUB-200-2011.

Foreground Activation Maps for Weakly Supervised Object Localization (ICCV 2021).
Published (Top-1 / Top-5 / GT-known Loc; BAS's comparison):
69.26 / - / 89.26. Ours: see metafile.yml.
Command: python tools/train.py configs/fam/vgg16_cub.py
"""

_base_ = '../cam/vgg16_cub.py'

model = dict(head=dict(type='FAMHead'))
