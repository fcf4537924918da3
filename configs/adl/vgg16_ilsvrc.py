"""ADL, VGG-16, ILSVRC-2012.

Attention-based Dropout Layer for Weakly Supervised Object Localization (CVPR 2019).
Published (Top-1 / Top-5 / GT-known Loc; PNSC paper, Table 6):
44.92 / - / -. Ours: see metafile.yml.
Command: python tools/train.py configs/adl/vgg16_ilsvrc.py
"""

_base_ = ['../cam/vgg16_ilsvrc.py', '../_base_/methods/adl_vgg16.py']

model = dict(plugins={{_base_.plugins}})
