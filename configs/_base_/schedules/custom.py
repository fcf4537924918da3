"""30 epochs, rate / 10 at 24: for some hundreds or thousands of images."""

_base_ = 'cub.py'

param_scheduler = dict(milestones=[24])
train_cfg = dict(max_epochs=30, val_interval=5)
