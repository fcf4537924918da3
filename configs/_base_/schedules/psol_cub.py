"""On CUB PSOL's schedule was not published: 100 epochs from 0.002 by a cosine, CCAM's port's.

The batch of 32 is ours.
"""

_base_ = 'psol_ilsvrc.py'

optim_wrapper = dict(optimizer=dict(lr=0.002))
param_scheduler = dict(type='CosineAnnealingLR', T_max=100, by_epoch=True)
train_cfg = dict(max_epochs=100, val_interval=10)
auto_scale_lr = dict(base_batch_size=32)
