"""B-CAM, ResNet-50, VOC2012: several labels an image.

Background-aware Classification Activation Map for WSOL (arXiv 2112.14379).
Published numbers are not known here. Ours: see metafile.yml.
Command: python tools/train.py configs/bcam/resnet50_voc.py
"""

_base_ = [
    '../_base_/models/resnet50.py',
    '../_base_/datasets/voc.py',
    '../_base_/schedules/cub.py',
    '../_base_/default_runtime.py',
]

model = dict(
    data_preprocessor=dict(num_classes=20, to_onehot=True),  # for the evaluation
    backbone=dict(frozen_stages=2),  # the authors detach the second stage's output
    head=dict(type='BCAMHead', num_classes=20, num_heads=20, multi_label=True),
)
optim_wrapper = dict(optimizer=dict(lr=0.01, weight_decay=1e-4))
param_scheduler = dict(_delete_=True, type='PolyLR', power=0.9, end=5)
train_cfg = dict(max_epochs=5, val_interval=1)
