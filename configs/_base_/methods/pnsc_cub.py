"""PNSC on birds, chosen on held-out training images of CUB: docs/pnsc.md, point 3."""

_base_ = 'pnsc.py'

pnsc = dict(
    head=dict(
        opening=dict(foreground_weight=0.5, background_weight=2.0),
        background_map='fused',
        map_classes='all',  # 200 kinds of bird share their shape (BAS: k = 200)
    )
)
