"""PNSC, ResNet-50, CUB-200-2011.

Feature soft fusion and positive-negative sample contrast for WSOL (2025).
Paper, Table 4 (Top-1 / Top-5 / GT-known Loc): 76.34 / 89.80 / 95.77. Ours: see metafile.yml.
Command: python tools/train.py configs/pnsc/resnet50_cub.py
"""

_base_ = ['../cam/resnet50_cub.py', '../_base_/methods/pnsc_cub.py']

model = dict(neck={{_base_.pnsc.neck}}, head={{_base_.pnsc.head}})
