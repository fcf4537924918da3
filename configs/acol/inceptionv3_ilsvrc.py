"""ACoL, InceptionV3, ILSVRC-2012.

Adversarial Complementary Learning for Weakly Supervised Object Localization (CVPR 2018).
The paper has no such row. Ours: see metafile.yml.
Command: python tools/train.py configs/acol/inceptionv3_ilsvrc.py
"""

_base_ = '../cam/inceptionv3_ilsvrc.py'

model = dict(neck=dict(type='TwinConvs'), head=dict(type='ACoLHead', erase_above=0.7))
