"""PSOL's: 6 epochs at one rate, 0.001 for 256 images a step, the head x 2.

4 GPUs with 64 images each, or --auto-scale-lr.
"""

optim_wrapper = dict(
    optimizer=dict(type='SGD', lr=0.001, momentum=0.9, weight_decay=1e-4),
    paramwise_cfg=dict(custom_keys={'head': dict(lr_mult=2.0)}),
)
train_cfg = dict(type='ResumableTrainLoop', max_epochs=6, val_interval=1)
val_cfg = dict()
test_cfg = dict()
auto_scale_lr = dict(base_batch_size=256)
