"""SPG, InceptionV3, CUB-200-2011.

Self-produced Guidance for Weakly-supervised Object Localization (ECCV 2018).
Published (Top-1 / Top-5 / GT-known Loc; BAS's comparison):
46.64 / 57.72 / -. Ours: see metafile.yml.
Command: python tools/train.py configs/spg/inceptionv3_cub.py
"""

_base_ = ['../cam/inceptionv3_cub.py', '../_base_/methods/spg_inceptionv3.py']

model = dict(head={{_base_.spg}})
