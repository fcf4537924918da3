"""In-sample contrast, InceptionV3, ILSVRC-2012.

In-sample Contrastive Learning and Consistent Attention for WSOL (ACCV 2020).
Published numbers are not known here. Ours: see metafile.yml.
Command: python tools/train.py configs/isc/inceptionv3_ilsvrc.py
"""

_base_ = '../cam/inceptionv3_ilsvrc.py'

# ADL's places: the last: the second hidden convolution
plugins = [
    dict(
        module=dict(type='InSampleAttention', in_channels=288),
        after=['backbone.Mixed_5d'],
    ),
    dict(
        module=dict(type='InSampleAttention', in_channels=768),
        after=['backbone.Mixed_6e'],
    ),
    dict(
        module=dict(type='InSampleAttention', in_channels=1024),
        after=['neck.hidden.3'],
    ),
]
model = dict(plugins=plugins, head=dict(type='ISCHead'))
