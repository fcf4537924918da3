"""PNSC on birds with MobileNetV2, frozen up to the tap, whose maps open by themselves."""

_base_ = 'pnsc_cub.py'

pnsc = dict(
    neck=dict(normalize=False),
    head=dict(
        area_ramp=0,
        background_share=0.5,  # for speed; 1 finds better boxes: docs/performance.md
    ),
)
