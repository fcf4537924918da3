"""EIL, VGG-16, CUB-200-2011.

Erasing Integrated Learning (CVPR 2020).
Published (Top-1 / Top-5 / GT-known Loc; PNSC paper, Table 3):
56.21 / 69.51 / 72.37. Ours: see metafile.yml.
Command: python tools/train.py configs/eil/vgg16_cub.py
"""

_base_ = '../cam/vgg16_cub.py'

model = dict(neck=dict(num_convs=1), head=dict(type='EILHead'))
# the published schedule: only the class convolution learns ten times as fast
train_dataloader = dict(batch_size=64)
optim_wrapper = dict(
    optimizer=dict(weight_decay=1e-4),
    paramwise_cfg=dict(bias_lr_mult=1.0, custom_keys=dict(neck=dict(lr_mult=1.0))),
)
param_scheduler = dict(milestones=[60])
train_cfg = dict(max_epochs=80)
auto_scale_lr = dict(base_batch_size=64)
