"""In-sample contrast, ResNet-50, CUB-200-2011.

In-sample Contrastive Learning and Consistent Attention for WSOL (ACCV 2020).
Published numbers are not known here. Ours: see metafile.yml.
Command: python tools/train.py configs/isc/resnet50_cub.py
"""

_base_ = ['../cam/resnet50_cub.py', '../_base_/methods/isc_resnet50.py']

model = dict(plugins={{_base_.plugins}}, head=dict(type='ISCHead'))
