"""DPM, VGG-16, CUB-200-2011.

Diverse Complementary Part Mining for Weakly Supervised Object Localization (TIP 2022).
Published (Top-1 / Top-5 / GT-known Loc; PNSC paper, Table 3):
67.30 / 82.20 / 82.20. Ours: see metafile.yml.
Command: python tools/train.py configs/dpm/vgg16_cub.py
"""

_base_ = '../cam/vgg16_cub.py'

model = dict(head=dict(type='DPMHead'))
