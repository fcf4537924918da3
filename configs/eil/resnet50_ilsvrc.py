"""EIL, ResNet-50, ILSVRC-2012.

Erasing Integrated Learning (CVPR 2020).
Published numbers are not known here. Ours: see metafile.yml.
Command: python tools/train.py configs/eil/resnet50_ilsvrc.py
"""

_base_ = '../cam/resnet50_ilsvrc.py'

model = dict(head=dict(type='EILHead'))
