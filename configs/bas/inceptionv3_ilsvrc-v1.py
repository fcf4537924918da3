"""BAS of 2022, InceptionV3, ILSVRC-2012.

Background Activation Suppression for Weakly Supervised Object Localization (CVPR 2022).
Published (Top-1 / Top-5 / GT-known Loc; BAS's comparison):
58.51 / 69.00 / 71.93. Ours: see metafile.yml.
Command: python tools/train.py configs/bas/inceptionv3_ilsvrc-v1.py
"""

_base_ = 'inceptionv3_ilsvrc.py'

model = dict(
    head=dict(
        rectified=True,
        area_weight=2.5,
        loss_suppression=dict(saturated=0.0),
    ),
)
