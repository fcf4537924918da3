"""B-CAM, ResNet-50, VOC2012: several labels an image.

Background-aware Classification Activation Map for WSOL (arXiv 2112.14379).
Published numbers are not known here. Ours: see metafile.yml.
Command: python tools/train.py configs/bcam/resnet50_voc.py
"""

_base_ = '../cam/resnet50_voc.py'

model = dict(
    backbone=dict(frozen_stages=2),  # the authors detach the second stage's output
    head=dict(type='BCAMHead', num_heads=20),
)
