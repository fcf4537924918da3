"""ToyShapes: drawn when asked for, nothing to download."""

_base_ = 'loaders.py'

train_pipeline = [dict(type='RandomFlip', prob=0.5), dict(type='PackInputs')]
test_pipeline = [
    dict(type='LoadBoxes'),
    dict(type='PackInputs', algorithm_keys=('gt_bboxes', 'gt_seg_map')),
]

train_dataloader = dict(
    num_workers=1,
    pin_memory=False,  # there is no GPU to copy to
    dataset=dict(type='ToyShapes', pipeline=train_pipeline),
)
val_dataloader = dict(
    batch_size=50,
    num_workers=1,
    pin_memory=False,
    dataset=dict(type='ToyShapes', pipeline=test_pipeline),
)
test_dataloader = val_dataloader

val_evaluator = [
    dict(type='MaxBoxAccV2'),
    dict(type='PxAP'),
    dict(type='Accuracy'),
]
test_evaluator = val_evaluator
