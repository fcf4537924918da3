"""DDT on VGG-16 without its last pool, output at 1/16."""

_base_ = 'vgg16.py'

model = dict(
    neck=None,
    # few places of VGG lie far above the rest
    head=dict(type='DDTHead', in_channels=512, sharpness=4.0),
)
