"""EIL, ResNet-50, CUB-200-2011.

Erasing Integrated Learning (CVPR 2020).
Published numbers are not known here. Ours: see metafile.yml.
Command: python tools/train.py configs/eil/resnet50_cub.py
"""

_base_ = '../cam/resnet50_cub.py'

model = dict(head=dict(type='EILHead'))
