"""PNSC, InceptionV3, ILSVRC-2012.

Feature soft fusion and positive-negative sample contrast for WSOL (2025).
Paper, Table 8 (Top-1 / Top-5 / GT-known Loc): 59.04 / 69.73 / 72.74. Ours: see metafile.yml.
Command: python tools/train.py configs/pnsc/inceptionv3_ilsvrc.py
"""

_base_ = '../cam/inceptionv3_ilsvrc.py'

model = dict(
    # normalize: docs/pnsc.md, point 7
    neck=dict(type='SoftFusionNeck', num_maps=1000, normalize=True),
    head=dict(
        type='PNSCHead',
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
