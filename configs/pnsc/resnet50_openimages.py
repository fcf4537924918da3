"""PNSC, ResNet-50, OpenImages30k.

Feature soft fusion and positive-negative sample contrast for WSOL (2025).
The paper does not use these data. Schedule: BAS's. Ours: see metafile.yml.
Command: python tools/train.py configs/pnsc/resnet50_openimages.py
"""

_base_ = ['../cam/resnet50_openimages.py', '../_base_/methods/pnsc.py']

model = dict(neck={{_base_.pnsc.neck}}, head={{_base_.pnsc.head}})
# as configs/bas/resnet50_openimages.py
train_dataloader = dict(batch_size=64)
optim_wrapper = dict(
    optimizer=dict(weight_decay=5e-4), paramwise_cfg=dict(bias_lr_mult=2.0)
)
param_scheduler = dict(step_size=20)
train_cfg = dict(max_epochs=50, val_interval=5)
auto_scale_lr = dict(base_batch_size=64)
