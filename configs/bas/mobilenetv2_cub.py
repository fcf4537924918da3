"""BAS, MobileNetV2, CUB-200-2011.

Background Activation Suppression for Weakly Supervised Object Localization (IJCV 2023).
The paper has no such row. Ours: see metafile.yml.
Command: python tools/train.py configs/bas/mobilenetv2_cub.py
"""

_base_ = '../cam/mobilenetv2_cub.py'

model = dict(
    neck=dict(type='ForegroundGenerator'),
    head=dict(
        type='BASHead',  # MobileNetV1's weights, top-k and rule
        foreground_weight=0.5,
        area_weight=1.9,
        loss_suppression=dict(type='SuppressionLoss', saturated=1.0),
        map_classes=80,  # mean over the maps of so many top classes
    ),
)
