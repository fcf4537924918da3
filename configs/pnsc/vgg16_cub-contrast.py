"""Table 2: the contrast without soft fusion, VGG-16, CUB-200-2011.

Paper (Top-1 / Top-5 / GT-known Loc): 67.85 / 81.83 / 86.97. Ours: not run.
"""

_base_ = 'vgg16_cub.py'

model = dict(
    head=dict(
        background_map='deep',
        opening=dict(map='deep'),  # M1 is there for mutual supervision alone
        evaluated_map='deep',
        loss_fusion=dict(weights=(0.0, 0.0)),
    )
)
