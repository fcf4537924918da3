"""PNSC, VGG-16, CUB-200-2011.

Feature soft fusion and positive-negative sample contrast for WSOL (2025).
Paper, Table 3 (Top-1 / Top-5 / GT-known Loc): 70.68 / 85.33 / 90.82. Ours: see metafile.yml.
Command: python tools/train.py configs/pnsc/vgg16_cub.py
"""

_base_ = '../cam/vgg16_cub.py'

model = dict(
    # normalize: docs/pnsc.md, point 7
    neck=dict(type='SoftFusionNeck', num_maps=200, normalize=True),
    head=dict(
        type='PNSCHead',
        loss_fusion=dict(
            type='SoftFusionLoss',
            weights=(1.0, 1.5),  # Table 1's best
            loss_weight=5.0,  # this and the areas: docs/pnsc.md, point 5
            area_weights=(1.2, 1.2),
        ),
        loss_contrast=dict(type='PNSCLoss'),
        opening_weight=0.5,  # this and the background's: docs/pnsc.md, point 3
        background_ratio_weight=2.0,
        background_map='fused',
        area_ramp=300,  # steps; without it new layers' maps may close for good
        map_classes='all',  # 200 kinds of bird share their shape (BAS: k = 200)
    ),
)
