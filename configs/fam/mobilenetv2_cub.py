"""FAM, MobileNetV2, CUB-200-2011.

Foreground Activation Maps for Weakly Supervised Object Localization (ICCV 2021).
The paper has no such row. Ours: see metafile.yml.
Command: python tools/train.py configs/fam/mobilenetv2_cub.py
"""

_base_ = '../cam/mobilenetv2_cub.py'

model = dict(head=dict(type='FAMHead'))
