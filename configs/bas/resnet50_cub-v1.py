"""BAS of 2022, ResNet-50, CUB-200-2011.

Background Activation Suppression for Weakly Supervised Object Localization (CVPR 2022).
Published (Top-1 / Top-5 / GT-known Loc; BAS's comparison):
77.25 / 90.08 / 95.13. Ours: see metafile.yml.
Command: python tools/train.py configs/bas/resnet50_cub-v1.py
"""

_base_ = 'resnet50_cub.py'

model = dict(
    head=dict(
        rectified=True,
        area_weight=1.2,
        loss_suppression=dict(saturated=0.0),
    ),
)
train_cfg = dict(max_epochs=100)
