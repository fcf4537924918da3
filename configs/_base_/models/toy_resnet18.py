"""A narrow ResNet-18 for ToyShapes, trained from random weights."""

model = dict(
    type='Localizer',
    data_preprocessor=dict(
        mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375], to_rgb=True
    ),
    backbone=dict(type='TapResNet', depth=18, stem_channels=16, base_channels=16),
    neck=dict(type='HiddenConvs', in_channels=(64, 128), num_convs=0),
    head=dict(type='CAMHead', num_classes=6, in_channels=128),
)
