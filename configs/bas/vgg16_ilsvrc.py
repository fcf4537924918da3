"""BAS, VGG-16, ILSVRC-2012.

Background Activation Suppression for Weakly Supervised Object Localization (IJCV 2023).
Published (Top-1 / Top-5 / GT-known Loc; BAS's README):
52.94 / 65.38 / 69.66. Ours: see metafile.yml.
Command: python tools/train.py configs/bas/vgg16_ilsvrc.py
"""

_base_ = '../cam/vgg16_ilsvrc.py'

model = dict(
    neck=dict(type='ForegroundGenerator'),
    head=dict(
        type='BASHead',
        foreground_weight=0.05,
        area_weight=1.0,
        loss_suppression=dict(type='SuppressionLoss', saturated=0.0),
    ),
)
