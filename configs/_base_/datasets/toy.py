"""ToyShapes: drawn when asked for, nothing to download."""

train_pipeline = [dict(type='RandomFlip', prob=0.5), dict(type='PackInputs')]
test_pipeline = [
    dict(type='LoadBoxes'),
    dict(type='PackInputs', algorithm_keys=('gt_bboxes', 'gt_seg_map')),
]

train_dataloader = dict(
    batch_size=32,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    collate_fn=dict(type='default_collate'),
    dataset=dict(type='ToyShapes', split='train', pipeline=train_pipeline),
)
val_dataloader = dict(
    batch_size=50,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    collate_fn=dict(type='default_collate'),
    dataset=dict(
        type='ToyShapes', split='test', test_mode=True, pipeline=test_pipeline
    ),
)
test_dataloader = val_dataloader

val_evaluator = [
    dict(type='MaxBoxAccV2'),
    dict(type='PxAP'),
    dict(type='Accuracy'),
]
test_evaluator = val_evaluator
