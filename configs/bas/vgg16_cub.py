"""BAS, VGG-16, CUB-200-2011.

Background Activation Suppression for Weakly Supervised Object Localization (IJCV 2023).
Published (Top-1 / Top-5 / GT-known Loc; BAS's README):
70.90 / 85.36 / 91.04. Ours: see metafile.yml.
Command: python tools/train.py configs/bas/vgg16_cub.py
"""

_base_ = '../cam/vgg16_cub.py'

model = dict(
    neck=dict(type='ForegroundGenerator'),
    head=dict(
        type='BASHead',
        foreground_weight=0.0,
        area_weight=0.9,
        loss_suppression=dict(type='SuppressionLoss', saturated=0.0),
        map_classes=80,  # mean over the maps of so many top classes
    ),
)
train_cfg = dict(max_epochs=120)
