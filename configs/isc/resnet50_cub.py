"""In-sample contrast, ResNet-50, CUB-200-2011.

In-sample Contrastive Learning and Consistent Attention for WSOL (ACCV 2020).
Published numbers are not known here. Ours: see metafile.yml.
Command: python tools/train.py configs/isc/resnet50_cub.py
"""

_base_ = '../cam/resnet50_cub.py'

# ADL's places: the published blocks
plugins = [
    dict(
        module=dict(type='InSampleAttention', in_channels=1024),
        after=['backbone.layer3.0'],
    ),
    dict(
        module=dict(type='InSampleAttention', in_channels=2048),
        after=['backbone.layer4.0'],
    ),
    dict(
        module=dict(type='InSampleAttention', in_channels=2048),
        after=['backbone.layer4.2'],
    ),
]
model = dict(plugins=plugins, head=dict(type='ISCHead'))
