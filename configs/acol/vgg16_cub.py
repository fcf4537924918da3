"""ACoL, VGG-16, CUB-200-2011.

Adversarial Complementary Learning for Weakly Supervised Object Localization (CVPR 2018).
Published (Top-1 / Top-5 / GT-known Loc; BAS's comparison):
45.92 / 56.51 / 62.96. Ours: see metafile.yml.
Command: python tools/train.py configs/acol/vgg16_cub.py
"""

_base_ = '../cam/vgg16_cub.py'

model = dict(neck=dict(type='TwinConvs'), head=dict(type='ACoLHead', erase_above=0.7))
