"""MobileNetV2 for small machines: no hidden convolutions, frozen up to the tap."""

model = dict(
    type='Localizer',
    data_preprocessor=dict(
        mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375], to_rgb=True
    ),
    backbone=dict(
        type='TapMobileNetV2',
        frozen_stages=5,
        init_cfg=dict(
            type='Pretrained',
            checkpoint='https://download.openmmlab.com/mmclassification/v0/mobilenet_v2/mobilenet_v2_batch256_imagenet_20200708-3b2dc3af.pth',  # noqa: E501
            prefix='backbone',
        ),
    ),
    neck=dict(type='HiddenConvs', in_channels=(96, 1280), num_convs=0),
    head=dict(type='CAMHead', num_classes=1000, in_channels=1280),
)
