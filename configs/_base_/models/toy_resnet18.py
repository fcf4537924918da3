"""A narrow ResNet-18 for ToyShapes, trained from random weights."""

model = dict(
    type='Localizer',
    data_preprocessor=dict(
        mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375], to_rgb=True
    ),
    backbone=dict(
        type='TapResNet',
        depth=18,
        stem_channels=16,
        base_channels=8,
        strides=(1, 1, 1, 1),  # tap 24 x 24, output 12 x 12 for 96 x 96 pixels
        # zeros beyond the border light up strips in the maps of so small images
        conv_cfg=dict(type='EvalReplicateConv2d'),
    ),
    neck=dict(type='HiddenConvs', in_channels=(32, 64), num_convs=0),
    head=dict(type='CAMHead', num_classes=6, in_channels=64),
)
