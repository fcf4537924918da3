"""PNSC, ResNet-50, OpenImages30k.

Feature soft fusion and positive-negative sample contrast for WSOL (2025).
The paper does not use these data. Schedule: BAS's. Ours: see metafile.yml.
Command: python tools/train.py configs/pnsc/resnet50_openimages.py
"""

_base_ = '../bas/resnet50_openimages.py'

model = dict(
    # normalize: docs/pnsc.md, point 7
    neck=dict(type='SoftFusionNeck', num_maps=100, normalize=True),
    head=dict(
        _delete_=True,
        type='PNSCHead',
        num_classes=100,
        in_channels=1024,
        loss_fusion=dict(
            type='SoftFusionLoss',
            weights=(1.0, 1.5),  # Table 1's best
            loss_weight=5.0,  # this and the areas: docs/pnsc.md, point 5
            area_weights=(1.2, 1.2),
        ),
        loss_contrast=dict(type='PNSCLoss'),
        area_ramp=300,  # steps; without it new layers' maps may close for good
    ),
)
