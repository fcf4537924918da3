"""DPM, ResNet-50, ILSVRC-2012.

Diverse Complementary Part Mining for Weakly Supervised Object Localization (TIP 2022).
Published (Top-1 / Top-5 / GT-known Loc; PNSC paper, Table 7):
54.40 / 65.50 / 69.60. Ours: see metafile.yml.
Command: python tools/train.py configs/dpm/resnet50_ilsvrc.py
"""

_base_ = '../cam/resnet50_ilsvrc.py'

model = dict(head=dict(type='DPMHead'))
