"""BAS, MobileNetV2, your own images.

Background Activation Suppression for Weakly Supervised Object Localization (IJCV 2023).
tools/prepare/custom.py writes a config that inherits from this one.
Command: python tools/train.py configs/bas/mobilenetv2_custom.py
"""

_base_ = '../cam/mobilenetv2_custom.py'

model = dict(
    neck=dict(type='ForegroundGenerator'),
    head=dict(
        type='BASHead',
        foreground_weight=0.5,
        area_weight=1.5,  # less opens the maps, more closes them
        loss_suppression=dict(type='SuppressionLoss', saturated=1.0),
    ),
)
