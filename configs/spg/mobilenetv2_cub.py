"""SPG, MobileNetV2, CUB-200-2011.

Self-produced Guidance for Weakly-supervised Object Localization (ECCV 2018).
The paper has no such row. Ours: see metafile.yml.
Command: python tools/train.py configs/spg/mobilenetv2_cub.py
"""

_base_ = '../cam/mobilenetv2_cub.py'

model = dict(
    head=dict(
        type='SPGHead',
        levels=('backbone.layer6', 'backbone.layer7'),
        level_channels=(160, 320),
        hidden_channels=256,
    )
)
