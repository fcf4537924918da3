"""B-CAM, ResNet-50, ILSVRC-2012.

Background-aware Classification Activation Map for WSOL (arXiv 2112.14379).
Published numbers are not known here. Ours: see metafile.yml.
Its rates and schedule on ILSVRC are not known here: those of CUB.
Command: python tools/train.py configs/bcam/resnet50_ilsvrc.py
"""

_base_ = '../cam/resnet50_ilsvrc.py'

model = dict(
    head=dict(
        type='BCAMHead',
        map_rule='positive_gradient',
    )
)
optim_wrapper = dict(
    optimizer=dict(lr=0.00017, weight_decay=0.0001),
    paramwise_cfg=dict(bias_lr_mult=1.0, custom_keys={'head': dict(lr_mult=1.0)}),
)
