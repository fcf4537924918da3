"""PNSC as the paper has it, and what it leaves open as measured: docs/pnsc.md.

A config puts it into its model with ``{{_base_.pnsc.neck}}`` and ``{{_base_.pnsc.head}}``.
"""

pnsc = dict(
    # features with mean 0 and variance 1 in front of the generators: point 7
    neck=dict(type='SoftFusionNeck', normalize=True),
    head=dict(
        type='PNSCHead',
        loss_fusion=dict(
            type='SoftFusionLoss',
            weights=(1.0, 1.5),  # Table 1's best
            loss_weight=5.0,  # this and the areas: point 5
            area_weights=(1.2, 1.2),
        ),
        loss_contrast=dict(type='PNSCLoss'),
        area_ramp=300,  # steps; without it new layers' maps may close for good
    ),
)
