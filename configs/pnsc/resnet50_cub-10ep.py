"""PNSC, ResNet-50, CUB-200-2011, ten epochs.

With a learning curve on five images of each class, which are not trained on.
Ours: see metafile.yml.
Command: python tools/train.py configs/pnsc/resnet50_cub-10ep.py
"""

_base_ = 'resnet50_cub.py'

train_dataloader = dict(dataset=dict(val_per_class=5))
val_dataloader = dict(dataset=dict(val_per_class=5, split='val'))
param_scheduler = dict(milestones=[8])
train_cfg = dict(max_epochs=10, val_interval=2)
