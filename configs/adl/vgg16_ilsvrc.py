"""ADL, VGG-16, ILSVRC-2012.

Attention-based Dropout Layer for Weakly Supervised Object Localization (CVPR 2019).
Published (Top-1 / Top-5 / GT-known Loc; PNSC paper, Table 6):
44.92 / - / -. Ours: see metafile.yml.
Command: python tools/train.py configs/adl/vgg16_ilsvrc.py
"""

_base_ = '../cam/vgg16_ilsvrc.py'

plugins = [
    dict(
        module=dict(type='ADL', drop_rate=0.75, gamma=0.9),
        after=[  # pool3, relu4_3 and relu5_3
            'backbone.features.9',
            'backbone.features.12',
            'backbone.features.16',
        ],
    )
]
model = dict(plugins=plugins)
