"""ADL, MobileNetV2, CUB-200-2011.

Attention-based Dropout Layer for Weakly Supervised Object Localization (CVPR 2019).
The paper has no such row. Ours: see metafile.yml.
Command: python tools/train.py configs/adl/mobilenetv2_cub.py
"""

_base_ = '../cam/mobilenetv2_cub.py'

plugins = [
    dict(
        module=dict(type='ADL', drop_rate=0.75, gamma=0.9),
        after=[  # the tap, and two whose activity shows the object
            'backbone.layer5',
            'backbone.layer7',
            'backbone.conv2',
        ],
    )
]
model = dict(plugins=plugins)
