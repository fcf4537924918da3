"""BAS of 2022, VGG-16, ILSVRC-2012.

Background Activation Suppression for Weakly Supervised Object Localization (CVPR 2022).
Published (Top-1 / Top-5 / GT-known Loc; BAS's comparison):
52.96 / 65.41 / 69.64. Ours: see metafile.yml.
Command: python tools/train.py configs/bas/vgg16_ilsvrc-v1.py
"""

_base_ = 'vgg16_ilsvrc.py'

model = dict(
    head=dict(
        rectified=True,
        area_weight=1.0,
        loss_suppression=dict(saturated=0.0),
    ),
)
