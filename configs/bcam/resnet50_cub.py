"""B-CAM, ResNet-50, CUB-200-2011.

Background-aware Classification Activation Map for WSOL (arXiv 2112.14379).
Published numbers are not known here. Ours: see metafile.yml.
Command: python tools/train.py configs/bcam/resnet50_cub.py
"""

_base_ = '../cam/resnet50_cub.py'

model = dict(head=dict(type='BCAMHead'))
optim_wrapper = dict(
    optimizer=dict(lr=0.00017, weight_decay=0.0001),
    paramwise_cfg=dict(bias_lr_mult=1.0, custom_keys={'head': dict(lr_mult=1.0)}),
)
param_scheduler = dict(_delete_=True, type='StepLR', step_size=15, gamma=0.1)
train_cfg = dict(max_epochs=20)
