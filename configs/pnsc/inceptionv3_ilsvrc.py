"""PNSC, InceptionV3, ILSVRC-2012.

Feature soft fusion and positive-negative sample contrast for WSOL (2025).
Paper, Table 8 (Top-1 / Top-5 / GT-known Loc): 59.04 / 69.73 / 72.74. Ours: see metafile.yml.
Command: python tools/train.py configs/pnsc/inceptionv3_ilsvrc.py
"""

_base_ = ['../cam/inceptionv3_ilsvrc.py', '../_base_/methods/pnsc.py']

model = dict(neck={{_base_.pnsc.neck}}, head={{_base_.pnsc.head}})
