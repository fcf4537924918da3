"""VGG-16 with a 28 x 28 tap, two hidden convolutions and a class convolution."""

model = dict(
    type='Localizer',
    data_preprocessor=dict(
        mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375], to_rgb=True
    ),
    backbone=dict(
        type='TapVGG',
        depth=16,
        init_cfg=dict(
            type='Pretrained',
            checkpoint='https://download.openmmlab.com/mmclassification/v0/vgg/vgg16_batch256_imagenet_20210208-db26f1a5.pth',  # noqa: E501
            prefix='backbone',
        ),
    ),
    neck=dict(
        type='HiddenConvs', in_channels=(512, 512), hidden_channels=1024, num_convs=2
    ),
    head=dict(type='CAMHead', num_classes=1000, in_channels=1024),
)
