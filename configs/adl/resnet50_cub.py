"""ADL, ResNet-50, CUB-200-2011.

Attention-based Dropout Layer for Weakly Supervised Object Localization (CVPR 2019).
Published (Top-1 / Top-5 / GT-known Loc; BAS's comparison, ResNet50-SE):
62.29 / - / 71.99. Ours: see metafile.yml.
Command: python tools/train.py configs/adl/resnet50_cub.py
"""

_base_ = ['../cam/resnet50_cub.py', '../_base_/methods/adl_resnet50.py']

model = dict(plugins={{_base_.plugins}})
