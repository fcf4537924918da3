"""ILSVRC-2012, full-image test view: train 1.28 M images, validation set 50 000."""

_base_ = 'full_image.py'

data_root = 'data/imagenet'

train_dataloader = dict(dataset=dict(type='ImageNetLoc', data_root=data_root))
val_dataloader = dict(dataset=dict(type='ImageNetLoc', data_root=data_root))
test_dataloader = val_dataloader
