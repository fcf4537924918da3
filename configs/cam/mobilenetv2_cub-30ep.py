"""CAM, MobileNetV2, CUB-200-2011, thirty epochs.

With a learning curve on one image of each class, which is not trained on.
Ours: see metafile.yml.
Command: python tools/train.py configs/cam/mobilenetv2_cub-30ep.py
"""

_base_ = 'mobilenetv2_cub.py'

train_dataloader = dict(dataset=dict(val_per_class=1))
val_dataloader = dict(dataset=dict(val_per_class=1, split='val'))
param_scheduler = dict(milestones=[24])
train_cfg = dict(max_epochs=30, val_interval=3)
