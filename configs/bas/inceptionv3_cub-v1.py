"""BAS of 2022, InceptionV3, CUB-200-2011.

Background Activation Suppression for Weakly Supervised Object Localization (CVPR 2022).
Published (Top-1 / Top-5 / GT-known Loc; BAS's comparison):
73.29 / 86.31 / 92.24. Ours: see metafile.yml.
Command: python tools/train.py configs/bas/inceptionv3_cub-v1.py
"""

_base_ = 'inceptionv3_cub.py'

model = dict(
    head=dict(
        rectified=True,
        area_weight=1.0,
        loss_suppression=dict(saturated=0.0),
    ),
)
train_cfg = dict(max_epochs=100)
