"""BAS of 2022, ResNet-50, ILSVRC-2012.

Background Activation Suppression for Weakly Supervised Object Localization (CVPR 2022).
Published (Top-1 / Top-5 / GT-known Loc; BAS's comparison):
57.18 / 68.44 / 71.77. Ours: see metafile.yml.
Command: python tools/train.py configs/bas/resnet50_ilsvrc-v1.py
"""

_base_ = 'resnet50_ilsvrc.py'

model = dict(
    head=dict(
        rectified=True,
        area_weight=2.0,
        loss_suppression=dict(saturated=0.0),
    ),
)
