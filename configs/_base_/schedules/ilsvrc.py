"""9 epochs, rate / 10 every 3: BAS's schedule, the paper gives none.

The rate is for 128 images a step: 4 GPUs with 32 each, or --auto-scale-lr.
"""

_base_ = 'cub.py'

param_scheduler = dict(
    _delete_=True, type='StepLR', step_size=3, gamma=0.1, by_epoch=True
)
train_cfg = dict(max_epochs=9, val_interval=1)
auto_scale_lr = dict(base_batch_size=128)
