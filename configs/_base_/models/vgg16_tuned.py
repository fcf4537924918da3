"""VGG-16 as the wsolevaluation benchmark has it: one hidden convolution, output 14 x 14."""

_base_ = 'vgg16.py'

model = dict(
    neck=dict(
        num_convs=1,
        init_cfg=dict(
            type='Kaiming', layer='Conv2d', mode='fan_in', distribution='uniform'
        ),
    ),
    head=dict(num_classes=200),
)
