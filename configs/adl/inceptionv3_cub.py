"""ADL, InceptionV3, CUB-200-2011.

Attention-based Dropout Layer for Weakly Supervised Object Localization (CVPR 2019).
Published (Top-1 / Top-5 / GT-known Loc; a public survey):
53.00 / - / -. Ours: see metafile.yml.
Command: python tools/train.py configs/adl/inceptionv3_cub.py
"""

_base_ = ['../cam/inceptionv3_cub.py', '../_base_/methods/adl_inceptionv3.py']

model = dict(plugins={{_base_.plugins}})
