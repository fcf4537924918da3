"""BAS, InceptionV3, CUB-200-2011.

Background Activation Suppression for Weakly Supervised Object Localization (IJCV 2023).
Published (Top-1 / Top-5 / GT-known Loc; PNSC paper, Table 5):
72.09 / 88.11 / 94.63. Ours: see metafile.yml.
Command: python tools/train.py configs/bas/inceptionv3_cub.py
"""

_base_ = '../cam/inceptionv3_cub.py'

model = dict(
    neck=dict(type='ForegroundGenerator'),
    head=dict(
        type='BASHead',
        foreground_weight=0.5,
        area_weight=1.0,
        loss_suppression=dict(type='SuppressionLoss', saturated=1.0),
        map_classes=200,  # mean over the maps of so many top classes
    ),
)
train_cfg = dict(max_epochs=120)
