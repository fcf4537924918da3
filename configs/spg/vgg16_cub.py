"""SPG, VGG-16, CUB-200-2011.

Self-produced Guidance for Weakly-supervised Object Localization (ECCV 2018).
Published (Top-1 / Top-5 / GT-known Loc; a public survey):
48.90 / 57.90 / 58.90. Ours: see metafile.yml.
Command: python tools/train.py configs/spg/vgg16_cub.py
"""

_base_ = '../cam/vgg16_cub.py'

model = dict(
    head=dict(
        type='SPGHead',
        levels=('backbone.features.13', 'backbone.features.16'),  # pool4 and relu5_3
        level_channels=(512, 512),
        hidden_channels=512,
        thresholds=((0.7, 0.01), (0.5, 0.05), (0.7, 0.1)),
    )
)
