"""BAS, ResNet-50, OpenImages30k.

Background Activation Suppression for Weakly Supervised Object Localization (IJCV 2023).
Published (PxAP, peak IoU; BAS's README): 66.86, 50.72. Ours: see metafile.yml.
Command: python tools/train.py configs/bas/resnet50_openimages.py
"""

_base_ = '../cam/resnet50_openimages.py'

model = dict(
    neck=dict(type='ForegroundGenerator'),
    head=dict(
        type='BASHead',
        foreground_weight=0.5,
        area_weight=1.5,
        loss_suppression=dict(type='SuppressionLoss', saturated=1.0),
    ),
)
train_dataloader = dict(batch_size=64)
optim_wrapper = dict(
    optimizer=dict(weight_decay=5e-4), paramwise_cfg=dict(bias_lr_mult=2.0)
)
param_scheduler = dict(step_size=20)
train_cfg = dict(max_epochs=50, val_interval=5)
auto_scale_lr = dict(base_batch_size=64)
