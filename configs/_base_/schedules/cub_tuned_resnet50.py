"""As cub_tuned.py, weights by 1e-4, and the last stage x 10 as new layers are."""

_base_ = 'cub_tuned.py'

optim_wrapper = dict(
    optimizer=dict(weight_decay=1e-4),
    paramwise_cfg=dict(custom_keys={'backbone.layer4': dict(lr_mult=10.0)}),
)
