"""ResNet-50 with a 28 x 28 tap, two hidden convolutions and a class convolution."""

model = dict(
    type='Localizer',
    data_preprocessor=dict(
        mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375], to_rgb=True
    ),
    backbone=dict(
        type='TapResNet',
        depth=50,
        init_cfg=dict(
            type='Pretrained',
            checkpoint='https://download.openmmlab.com/mmclassification/v0/resnet/resnet50_8xb32_in1k_20210831-ea4938fc.pth',  # noqa: E501
            prefix='backbone',
        ),
    ),
    neck=dict(
        type='HiddenConvs', in_channels=(1024, 2048), hidden_channels=1024, num_convs=2
    ),
    head=dict(type='CAMHead', num_classes=1000, in_channels=1024),
)
