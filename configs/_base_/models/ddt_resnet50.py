"""DDT on ResNet-50 as it was trained, output at 1/32."""

_base_ = 'resnet50.py'

model = dict(
    # strides of its own training: a finer grid than that is worse, docs/records/2026-11-25-ddt.md
    backbone=dict(type='ResNet'),
    neck=None,
    head=dict(type='DDTHead', in_channels=2048),
)
