"""CUB-200-2011, full-image test view: train 5994 images, test 5794."""

_base_ = 'full_image.py'

data_root = 'data/CUB_200_2011'

train_dataloader = dict(dataset=dict(type='CUBLoc', data_root=data_root))
val_dataloader = dict(dataset=dict(type='CUBLoc', data_root=data_root))
test_dataloader = val_dataloader
