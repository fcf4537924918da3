"""DPM, InceptionV3, CUB-200-2011.

Diverse Complementary Part Mining for Weakly Supervised Object Localization (TIP 2022).
Published (Top-1 / Top-5 / GT-known Loc; PNSC paper, Table 5):
64.30 / 69.60 / 79.60. Ours: see metafile.yml.
Command: python tools/train.py configs/dpm/inceptionv3_cub.py
"""

_base_ = '../cam/inceptionv3_cub.py'

model = dict(head=dict(type='DPMHead'))
