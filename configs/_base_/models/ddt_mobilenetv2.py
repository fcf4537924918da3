"""DDT on MobileNetV2 as it was trained, output at 1/32."""

_base_ = 'mobilenetv2.py'

model = dict(
    # strides of its own training: a finer grid than that is worse, docs/records/2026-11-25-ddt.md
    backbone=dict(type='MobileNetV2', frozen_stages=-1),
    neck=None,
    head=dict(type='DDTHead', in_channels=1280),
)
