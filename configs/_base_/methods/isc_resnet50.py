"""Where in-sample contrast has its attention layers in ResNet-50."""

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
