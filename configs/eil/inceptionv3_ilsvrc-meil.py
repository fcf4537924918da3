"""MEIL, reconstructed, InceptionV3, ILSVRC-2012.

Erasing Integrated Learning (CVPR 2020).
Published (Top-1 / Top-5 / GT-known Loc; a public survey):
49.50 / - / -. Ours: see metafile.yml.
Command: python tools/train.py configs/eil/inceptionv3_ilsvrc-meil.py
"""

_base_ = 'inceptionv3_ilsvrc.py'

model = dict(head=dict(deep_weight=1.0))  # the second depth
