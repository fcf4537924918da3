"""CAM, MobileNetV2 frozen up to the tap, CUB-200-2011: for machines without a GPU.

Learning Deep Features for Discriminative Localization (CVPR 2016).
The paper has no such row. Ours: see metafile.yml.
Command: python tools/train.py configs/cam/mobilenetv2_cub.py
"""

_base_ = [
    '../_base_/models/mobilenetv2.py',
    '../_base_/datasets/cub.py',
    '../_base_/schedules/cub.py',
    '../_base_/default_runtime.py',
]

model = dict(head=dict(num_classes=200))
train_dataloader = dict(num_workers=2)
val_dataloader = dict(num_workers=2)
test_dataloader = dict(num_workers=2)
param_scheduler = dict(milestones=[5])
train_cfg = dict(max_epochs=6, val_interval=6)
