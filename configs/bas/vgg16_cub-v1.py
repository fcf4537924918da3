"""BAS of 2022, VGG-16, CUB-200-2011.

Background Activation Suppression for Weakly Supervised Object Localization (CVPR 2022).
Published (Top-1 / Top-5 / GT-known Loc; BAS's comparison):
71.33 / 85.33 / 91.07. Ours: see metafile.yml.
Command: python tools/train.py configs/bas/vgg16_cub-v1.py
"""

_base_ = 'vgg16_cub.py'

model = dict(
    head=dict(
        rectified=True,
        area_weight=0.7,
        loss_suppression=dict(saturated=0.0),
    ),
)
train_cfg = dict(max_epochs=100)
