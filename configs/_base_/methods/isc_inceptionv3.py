"""Where in-sample contrast has its attention layers in InceptionV3."""

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
