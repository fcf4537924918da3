"""SPG, VGG-16, CUB-200-2011.

Self-produced Guidance for Weakly-supervised Object Localization (ECCV 2018).
Published (Top-1 / Top-5 / GT-known Loc; a public survey):
48.90 / 57.90 / 58.90. Ours: see metafile.yml.
Command: python tools/train.py configs/spg/vgg16_cub.py
"""

_base_ = ['../cam/vgg16_cub.py', '../_base_/methods/spg_vgg16.py']

model = dict(head={{_base_.spg}})
