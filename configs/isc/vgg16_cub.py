"""In-sample contrast, VGG-16, CUB-200-2011.

In-sample Contrastive Learning and Consistent Attention for WSOL (ACCV 2020).
Published numbers are not known here. Ours: see metafile.yml.
Command: python tools/train.py configs/isc/vgg16_cub.py
"""

_base_ = ['../cam/vgg16_cub.py', '../_base_/methods/isc_vgg16.py']

model = dict(plugins={{_base_.plugins}}, head=dict(type='ISCHead'))
