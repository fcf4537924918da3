"""DPM, ResNet-50, CUB-200-2011.

Diverse Complementary Part Mining for Weakly Supervised Object Localization (TIP 2022).
Published (Top-1 / Top-5 / GT-known Loc; PNSC paper, Table 4):
71.20 / 83.60 / 82.30. Ours: see metafile.yml.
Command: python tools/train.py configs/dpm/resnet50_cub.py
"""

_base_ = '../cam/resnet50_cub.py'

model = dict(head=dict(type='DPMHead'))
