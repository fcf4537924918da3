"""ADL, InceptionV3, ILSVRC-2012.

Attention-based Dropout Layer for Weakly Supervised Object Localization (CVPR 2019).
Published (Top-1 / Top-5 / GT-known Loc; a public survey):
48.70 / - / -. Ours: see metafile.yml.
Command: python tools/train.py configs/adl/inceptionv3_ilsvrc.py
"""

_base_ = ['../cam/inceptionv3_ilsvrc.py', '../_base_/methods/adl_inceptionv3.py']

model = dict(plugins={{_base_.plugins}})
