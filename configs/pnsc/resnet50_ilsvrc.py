"""PNSC, ResNet-50, ILSVRC-2012.

Feature soft fusion and positive-negative sample contrast for WSOL (2025).
Paper, Table 7 (Top-1 / Top-5 / GT-known Loc): 57.72 / 69.29 / 72.90. Ours: see metafile.yml.
Command: python tools/train.py configs/pnsc/resnet50_ilsvrc.py
"""

_base_ = ['../cam/resnet50_ilsvrc.py', '../_base_/methods/pnsc.py']

model = dict(neck={{_base_.pnsc.neck}}, head={{_base_.pnsc.head}})
