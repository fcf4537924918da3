"""SPG, VGG-16, ILSVRC-2012.

Self-produced Guidance for Weakly-supervised Object Localization (ECCV 2018).
The paper has no such row. Ours: see metafile.yml.
Command: python tools/train.py configs/spg/vgg16_ilsvrc.py
"""

_base_ = ['../cam/vgg16_ilsvrc.py', '../_base_/methods/spg_vgg16.py']

model = dict(head={{_base_.spg}})
