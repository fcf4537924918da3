"""In-sample contrast, MobileNetV2, CUB-200-2011.

In-sample Contrastive Learning and Consistent Attention for WSOL (ACCV 2020).
The paper has no such row. Ours: see metafile.yml.
Command: python tools/train.py configs/isc/mobilenetv2_cub.py
"""

_base_ = '../cam/mobilenetv2_cub.py'

# ADL's places: the tap and two after it
plugins = [
    dict(
        module=dict(type='InSampleAttention', in_channels=96),
        after=['backbone.layer5'],
    ),
    dict(
        module=dict(type='InSampleAttention', in_channels=320),
        after=['backbone.layer7'],
    ),
    dict(
        module=dict(type='InSampleAttention', in_channels=1280),
        after=['backbone.conv2'],
    ),
]
model = dict(plugins=plugins, head=dict(type='ISCHead'))
