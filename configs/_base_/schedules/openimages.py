"""10 epochs at 0.001, rate / 10 every 3, weights by 1e-4, batches of 32.

The published evaluation's tuned rates are not known here; rate and epochs are those of a
later work on the same data (DA-WSOL), decay and new layers x 10 as on ILSVRC.
"""

_base_ = 'ilsvrc.py'

optim_wrapper = dict(
    optimizer=dict(weight_decay=1e-4), paramwise_cfg=dict(bias_lr_mult=1.0)
)
train_cfg = dict(max_epochs=10, val_interval=1)
auto_scale_lr = dict(base_batch_size=32)
