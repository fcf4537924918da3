"""100 epochs, rate / 10 at 80, new layers x 10: BAS's schedule, the paper gives none."""

optim_wrapper = dict(
    optimizer=dict(
        type='SGD', lr=0.001, momentum=0.9, weight_decay=5e-4, nesterov=True
    ),
    paramwise_cfg=dict(
        bias_lr_mult=2.0,
        custom_keys={
            'neck': dict(lr_mult=10.0),
            'head': dict(lr_mult=10.0),
            'plugins': dict(lr_mult=10.0),
        },
    ),
)
param_scheduler = dict(type='MultiStepLR', milestones=[80], gamma=0.1, by_epoch=True)
train_cfg = dict(type='ResumableTrainLoop', max_epochs=100, val_interval=10)
val_cfg = dict()
test_cfg = dict()
auto_scale_lr = dict(base_batch_size=32)
