"""BAS, InceptionV3, ILSVRC-2012.

Background Activation Suppression for Weakly Supervised Object Localization (IJCV 2023).
Published (Top-1 / Top-5 / GT-known Loc; PNSC paper, Table 8):
58.50 / 69.03 / 72.07. Ours: see metafile.yml.
Command: python tools/train.py configs/bas/inceptionv3_ilsvrc.py
"""

_base_ = '../cam/inceptionv3_ilsvrc.py'

model = dict(
    neck=dict(type='ForegroundGenerator'),
    head=dict(
        type='BASHead',
        foreground_weight=1.0,
        area_weight=2.5,
        loss_suppression=dict(type='SuppressionLoss', saturated=1.0),
    ),
)
