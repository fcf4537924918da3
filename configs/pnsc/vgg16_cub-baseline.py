"""Table 2: neither module, VGG-16, CUB-200-2011.

Paper (Top-1 / Top-5 / GT-known Loc): 53.45 / 65.46 / 70.39. Ours: not run.
"""

_base_ = 'vgg16_cub.py'

model = dict(
    head=dict(
        opening=dict(
            map='deep',  # M1 is there for mutual supervision alone
            foreground_weight=1.0,
            background_weight=0.0,  # no second pass without contrast
        ),
        evaluated_map='deep',
        loss_fusion=dict(weights=(0.0, 0.0)),
        loss_contrast=None,
    )
)
