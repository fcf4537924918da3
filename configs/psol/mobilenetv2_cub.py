"""PSOL, MobileNetV2 frozen up to the tap, CUB-200-2011: for machines without a GPU.

Rethinking the Route Towards Weakly Supervised Object Localization (CVPR 2020).
Nothing is published for this network. Ours: see metafile.yml.
Needs pseudo boxes: configs/psol/README.md.
Command: python tools/train.py configs/psol/mobilenetv2_cub.py
"""

_base_ = [
    '../_base_/models/mobilenetv2.py',
    '../_base_/datasets/psol_cub.py',
    '../_base_/schedules/psol_cub.py',
    '../_base_/default_runtime.py',
]

model = dict(neck=None, head=dict(type='PSOLHead', num_classes=200))
train_dataloader = dict(num_workers=2)
val_dataloader = dict(num_workers=2)
test_dataloader = dict(num_workers=2)
# for 6 epochs in place of 100; at 0.01 the sides are saturated after 20 steps, and stay 0 and 1
optim_wrapper = dict(optimizer=dict(lr=0.001))
param_scheduler = dict(T_max=6)
train_cfg = dict(max_epochs=6, val_interval=6)
