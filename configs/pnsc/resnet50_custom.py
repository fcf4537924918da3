"""PNSC, ResNet-50, images of one's own.

Feature soft fusion and positive-negative sample contrast for WSOL (2025).
tools/prepare/custom.py writes a config that inherits from this one.
Command: python tools/train.py configs/pnsc/resnet50_custom.py
"""

_base_ = '../cam/resnet50_custom.py'

model = dict(
    neck=dict(
        type='SoftFusionNeck',
        num_maps={{_base_.num_classes}},
        normalize=True,  # docs/pnsc.md, point 7
    ),
    head=dict(
        type='PNSCHead',
        loss_fusion=dict(
            type='SoftFusionLoss',
            weights=(1.0, 1.5),
            area_weights=(0.7, 0.7),  # less opens the maps, more closes them
        ),
        loss_contrast=dict(type='PNSCLoss'),
        area_ramp=100,  # steps; without it new layers' maps may close for good
        center_background=True,  # for few classes: docs/pnsc.md
    ),
)
