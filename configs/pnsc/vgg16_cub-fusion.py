"""Table 2: soft fusion without the contrast, VGG-16, CUB-200-2011.

Paper (Top-1 / Top-5 / GT-known Loc): 68.93 / 83.28 / 88.90. Ours: not run.
"""

_base_ = 'vgg16_cub.py'

model = dict(
    head=dict(
        opening=dict(
            foreground_weight=1.0,
            background_weight=0.0,  # no second pass without contrast
        ),
        loss_contrast=None,
    )
)
