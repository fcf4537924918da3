"""Where in-sample contrast has its attention layers in VGG-16."""

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
