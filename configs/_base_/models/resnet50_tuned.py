"""ResNet-50 as the wsolevaluation benchmark has it: output 28 x 28, no hidden convolution.

No stage but the second halves the grid, and there is no tap. A schedule beside it gives the last
stage ten times the rate, as new layers.
"""

_base_ = 'resnet50.py'

model = dict(
    backbone=dict(type='ResNet', strides=(1, 2, 1, 1), out_indices=(2, 3)),
    neck=dict(num_convs=0),
    head=dict(
        num_classes=200,
        in_channels=2048,
        init_cfg=dict(type='Xavier', layer='Conv2d', distribution='uniform'),
    ),
)
