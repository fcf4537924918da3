"""DPM, MobileNetV2, CUB-200-2011.

Diverse Complementary Part Mining for Weakly Supervised Object Localization (TIP 2022).
The paper has no such row. Ours: see metafile.yml.
Command: python tools/train.py configs/dpm/mobilenetv2_cub.py
"""

_base_ = '../cam/mobilenetv2_cub.py'

model = dict(head=dict(type='DPMHead'))
