"""EIL, MobileNetV2, CUB-200-2011.

Erasing Integrated Learning (CVPR 2020).
Published numbers are not known here. Ours: see metafile.yml.
Command: python tools/train.py configs/eil/mobilenetv2_cub.py
"""

_base_ = '../cam/mobilenetv2_cub.py'

model = dict(head=dict(type='EILHead', pool_size=1))  # no pool after the tap
