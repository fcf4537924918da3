"""PNSC, MobileNetV2, your own images.

Feature soft fusion and positive-negative sample contrast for WSOL (2025).
tools/prepare/custom.py writes a config that inherits from this one.
Command: python tools/train.py configs/pnsc/mobilenetv2_custom.py
"""

_base_ = '../cam/mobilenetv2_custom.py'

model = dict(
    neck=dict(type='SoftFusionNeck'),
    head=dict(
        type='PNSCHead',
        loss_fusion=dict(
            type='SoftFusionLoss',
            weights=(1.0, 1.5),
            area_weights=(0.7, 0.7),  # less opens the maps, more closes them
        ),
        loss_contrast=dict(type='PNSCLoss'),
        center_background=True,  # this and the prior for few classes: docs/own_images.md
    ),
)

prior = dict(type='PriorMapHook', config='ddt/mobilenetv2_custom')
custom_hooks = [*_base_.custom_hooks, prior]
