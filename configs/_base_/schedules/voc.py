"""5 epochs at 0.01, new layers x 10, falling to 0 as (1 - t)^0.9: B-CAM's on VOC."""

_base_ = 'cub.py'

optim_wrapper = dict(optimizer=dict(lr=0.01, weight_decay=1e-4))
param_scheduler = dict(_delete_=True, type='PolyLR', power=0.9, end=5)
train_cfg = dict(max_epochs=5, val_interval=1)
auto_scale_lr = dict(base_batch_size=16)
