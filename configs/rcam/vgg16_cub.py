"""RCAM, VGG-16, CUB-200-2011.

Rethinking Class Activation Mapping for Weakly Supervised Object Localization (ECCV 2020).
Published (Top-1 / Top-5 / GT-known Loc; PNSC paper, Table 3):
58.96 / - / 76.30. Ours: see metafile.yml.
Command: python tools/train.py configs/rcam/vgg16_cub.py
"""

_base_ = '../cam/vgg16_cub.py'

model = dict(
    neck=dict(num_convs=1, init_cfg=dict(type='Kaiming', layer='Conv2d')),
    head=dict(pool_above=0.1, positive_weights=True),
)
val_evaluator = [
    dict(type='MaxBoxAccV2', percentile=90.0),
    dict(type='Accuracy', topk=(1, 5)),
]
test_evaluator = val_evaluator
train_dataloader = dict(batch_size=40)
optim_wrapper = dict(
    optimizer=dict(lr=0.003),
    paramwise_cfg=dict(  # gradients x 0.1, decay as it is
        _delete_=True, custom_keys=dict(backbone=dict(lr_mult=0.1, decay_mult=10.0))
    ),
)
param_scheduler = dict(milestones=[60, 120, 180])
train_cfg = dict(max_epochs=200)
auto_scale_lr = dict(base_batch_size=40)
