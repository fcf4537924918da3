"""In-sample contrast, InceptionV3, ILSVRC-2012.

In-sample Contrastive Learning and Consistent Attention for WSOL (ACCV 2020).
Published numbers are not known here. Ours: see metafile.yml.
Command: python tools/train.py configs/isc/inceptionv3_ilsvrc.py
"""

_base_ = ['../cam/inceptionv3_ilsvrc.py', '../_base_/methods/isc_inceptionv3.py']

model = dict(plugins={{_base_.plugins}}, head=dict(type='ISCHead'))
