"""PNSC, VGG-16, CUB-200-2011.

Feature soft fusion and positive-negative sample contrast for WSOL (2025).
Paper, Table 3 (Top-1 / Top-5 / GT-known Loc): 70.68 / 85.33 / 90.82. Ours: see metafile.yml.
Command: python tools/train.py configs/pnsc/vgg16_cub.py
"""

_base_ = ['../cam/vgg16_cub.py', '../_base_/methods/pnsc_cub.py']

model = dict(neck={{_base_.pnsc.neck}}, head={{_base_.pnsc.head}})
