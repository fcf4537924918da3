"""MEIL, reconstructed, VGG-16, CUB-200-2011.

Erasing Integrated Learning (CVPR 2020).
Published (Top-1 / Top-5 / GT-known Loc; BAS's comparison):
57.46 / - / 73.84. Ours: see metafile.yml.
Command: python tools/train.py configs/eil/vgg16_cub-meil.py
"""

_base_ = 'vgg16_cub.py'

model = dict(head=dict(deep_weight=1.0))  # the second depth
