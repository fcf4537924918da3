"""BAS, ResNet-50, ILSVRC-2012.

Background Activation Suppression for Weakly Supervised Object Localization (IJCV 2023).
Published (Top-1 / Top-5 / GT-known Loc; BAS's README):
57.46 / 68.57 / 72.00. Ours: see metafile.yml.
Command: python tools/train.py configs/bas/resnet50_ilsvrc.py
"""

_base_ = '../cam/resnet50_ilsvrc.py'

model = dict(
    neck=dict(type='ForegroundGenerator'),
    head=dict(
        type='BASHead',
        foreground_weight=1.0,
        area_weight=2.0,
        loss_suppression=dict(type='SuppressionLoss', saturated=1.0),
    ),
)
