"""B-CAM, VGG-16, ILSVRC-2012.

Background-aware Classification Activation Map for WSOL (arXiv 2112.14379).
Published numbers are not known here. Ours: see metafile.yml.
Its rates and schedule on ILSVRC are not known here: those of CUB.
Command: python tools/train.py configs/bcam/vgg16_ilsvrc.py
"""

_base_ = '../cam/vgg16_ilsvrc.py'

model = dict(
    head=dict(
        type='BCAMHead',
        loss_stagger=dict(
            type='StaggerLoss',
            foreground_weight=0.4,
            background_weight=0.4,
            object_weight=0.2,
        ),
        map_rule='positive_gradient',
    )
)
optim_wrapper = dict(
    optimizer=dict(lr=1.7e-05, weight_decay=0.0005),
    paramwise_cfg=dict(bias_lr_mult=1.0, custom_keys={'head': dict(lr_mult=10.0)}),
)
