"""12 epochs from random weights: about a minute on two CPU cores."""

optim_wrapper = dict(
    optimizer=dict(type='SGD', lr=0.05, momentum=0.9, weight_decay=5e-4, nesterov=True)
)
param_scheduler = dict(type='MultiStepLR', milestones=[10], gamma=0.1, by_epoch=True)
train_cfg = dict(type='ResumableTrainLoop', max_epochs=12, val_interval=12)
val_cfg = dict()
test_cfg = dict()
auto_scale_lr = dict(base_batch_size=32)
