"""SPG, ResNet-50, CUB-200-2011.

Self-produced Guidance for Weakly-supervised Object Localization (ECCV 2018).
The paper has no such row. Ours: see metafile.yml.
Command: python tools/train.py configs/spg/resnet50_cub.py
"""

_base_ = '../cam/resnet50_cub.py'

model = dict(
    head=dict(
        type='SPGHead',
        levels=('backbone.layer3.0', 'backbone.layer3.5'),
        level_channels=(1024, 1024),
        hidden_channels=1024,
        thresholds=((0.7, 0.01), (0.5, 0.05), (0.7, 0.1)),
    )
)
