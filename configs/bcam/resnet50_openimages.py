"""B-CAM, ResNet-50, OpenImages30k.

Background-aware Classification Activation Map for WSOL (arXiv 2112.14379).
Published numbers are not known here. Ours: see metafile.yml.
Map as published; its rates and schedule on OpenImages are not known here: those of CUB.
Command: python tools/train.py configs/bcam/resnet50_openimages.py
"""

_base_ = '../cam/resnet50_openimages.py'

model = dict(head=dict(type='BCAMHead', map_score='object', map_rule='feature'))
optim_wrapper = dict(
    optimizer=dict(lr=0.00017, weight_decay=0.0001),
    paramwise_cfg=dict(custom_keys={'head': dict(lr_mult=1.0)}),
)
param_scheduler = dict(step_size=15)
train_cfg = dict(max_epochs=20)
