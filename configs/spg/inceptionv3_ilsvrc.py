"""SPG, InceptionV3, ILSVRC-2012.

Self-produced Guidance for Weakly-supervised Object Localization (ECCV 2018).
Published (Top-1 / Top-5 / GT-known Loc; BAS's comparison):
48.60 / 60.00 / 64.69. Ours: see metafile.yml.
Command: python tools/train.py configs/spg/inceptionv3_ilsvrc.py
"""

_base_ = ['../cam/inceptionv3_ilsvrc.py', '../_base_/methods/spg_inceptionv3.py']

model = dict(head={{_base_.spg}})
