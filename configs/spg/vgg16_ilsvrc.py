"""SPG, VGG-16, ILSVRC-2012.

Self-produced Guidance for Weakly-supervised Object Localization (ECCV 2018).
The paper has no such row. Ours: see metafile.yml.
Command: python tools/train.py configs/spg/vgg16_ilsvrc.py
"""

_base_ = '../cam/vgg16_ilsvrc.py'

model = dict(
    head=dict(
        type='SPGHead',
        levels=('backbone.features.13', 'backbone.features.16'),  # pool4 and relu5_3
        level_channels=(512, 512),
        hidden_channels=512,
        thresholds=((0.7, 0.01), (0.5, 0.05), (0.7, 0.1)),
    )
)
