"""ACoL, MobileNetV2, CUB-200-2011.

Adversarial Complementary Learning for Weakly Supervised Object Localization (CVPR 2018).
The paper has no such row. Ours: see metafile.yml.
Command: python tools/train.py configs/acol/mobilenetv2_cub.py
"""

_base_ = '../cam/mobilenetv2_cub.py'

model = dict(neck=dict(type='TwinConvs'), head=dict(type='ACoLHead', erase_above=0.7))
