"""CREAM, MobileNetV2, CUB-200-2011.

CREAM: Weakly Supervised Object Localization via Class RE-Activation Mapping (CVPR 2022).
The paper has no such row. Ours: see metafile.yml.
Command: python tools/train.py configs/cream/mobilenetv2_cub.py
"""

_base_ = '../cam/mobilenetv2_cub.py'

model = dict(head=dict(type='CREAMHead'))
