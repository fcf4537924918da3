"""PNSC, InceptionV3, CUB-200-2011.

Feature soft fusion and positive-negative sample contrast for WSOL (2025).
Paper, Table 5 (Top-1 / Top-5 / GT-known Loc): 75.04 / 89.40 / 95.63. Ours: see metafile.yml.
Command: python tools/train.py configs/pnsc/inceptionv3_cub.py
"""

_base_ = ['../cam/inceptionv3_cub.py', '../_base_/methods/pnsc_cub.py']

model = dict(neck={{_base_.pnsc.neck}}, head={{_base_.pnsc.head}})
