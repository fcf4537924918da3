"""PNSC, VGG-16, ILSVRC-2012.

Feature soft fusion and positive-negative sample contrast for WSOL (2025).
Paper, Table 6 (Top-1 / Top-5 / GT-known Loc): 52.23 / 64.93 / 69.47. Ours: see metafile.yml.
Command: python tools/train.py configs/pnsc/vgg16_ilsvrc.py
"""

_base_ = ['../cam/vgg16_ilsvrc.py', '../_base_/methods/pnsc.py']

model = dict(neck={{_base_.pnsc.neck}}, head={{_base_.pnsc.head}})
