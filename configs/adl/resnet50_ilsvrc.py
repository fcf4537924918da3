"""ADL, ResNet-50, ILSVRC-2012.

Attention-based Dropout Layer for Weakly Supervised Object Localization (CVPR 2019).
Published (Top-1 / Top-5 / GT-known Loc; BAS's comparison, ResNet50-SE):
48.53 / - / -. Ours: see metafile.yml.
Command: python tools/train.py configs/adl/resnet50_ilsvrc.py
"""

_base_ = ['../cam/resnet50_ilsvrc.py', '../_base_/methods/adl_resnet50.py']

model = dict(plugins={{_base_.plugins}})
