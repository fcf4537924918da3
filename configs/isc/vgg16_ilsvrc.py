"""In-sample contrast, VGG-16, ILSVRC-2012.

In-sample Contrastive Learning and Consistent Attention for WSOL (ACCV 2020).
Published numbers are not known here. Ours: see metafile.yml.
Command: python tools/train.py configs/isc/vgg16_ilsvrc.py
"""

_base_ = '../cam/vgg16_ilsvrc.py'

# ADL's places: pool3, relu4_3 and relu5_3
plugins = [
    dict(
        module=dict(type='InSampleAttention', in_channels=256),
        after=['backbone.features.9'],
    ),
    dict(
        module=dict(type='InSampleAttention', in_channels=512),
        after=['backbone.features.12'],
    ),
    dict(
        module=dict(type='InSampleAttention', in_channels=512),
        after=['backbone.features.16'],
    ),
]
model = dict(plugins=plugins, head=dict(type='ISCHead'))
