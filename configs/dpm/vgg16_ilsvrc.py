"""DPM, VGG-16, ILSVRC-2012.

Diverse Complementary Part Mining for Weakly Supervised Object Localization (TIP 2022).
Published (Top-1 / Top-5 / GT-known Loc; PNSC paper, Table 6):
51.10 / 63.80 / 69.30. Ours: see metafile.yml.
Command: python tools/train.py configs/dpm/vgg16_ilsvrc.py
"""

_base_ = '../cam/vgg16_ilsvrc.py'

model = dict(head=dict(type='DPMHead'))
