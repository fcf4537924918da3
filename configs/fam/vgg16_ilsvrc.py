"""FAM, VGG-16, ILSVRC-2012.

Foreground Activation Maps for Weakly Supervised Object Localization (ICCV 2021).
Published (Top-1 / Top-5 / GT-known Loc; BAS's comparison):
51.96 / - / 71.73. Ours: see metafile.yml.
Command: python tools/train.py configs/fam/vgg16_ilsvrc.py
"""

_base_ = '../cam/vgg16_ilsvrc.py'

model = dict(head=dict(type='FAMHead'))
