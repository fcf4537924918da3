"""PNSC for your own images: few classes, few images."""

_base_ = 'pnsc.py'

pnsc = dict(
    head=dict(
        loss_fusion=dict(
            loss_weight=1.0,
            area_weights=(0.7, 0.7),  # less opens the maps, more closes them
        ),
        area_ramp=100,  # steps
        center_background=True,  # this and the prior for few classes: docs/own_images.md
    ),
)
