"""VOC2012, several labels an image: train 5717, validation set 5823 images.

Reads the official layout with mmpretrain's own data set. Evaluated is the classification
alone: there is no metric here for maps of several classes an image.
"""

dataset_type = 'VOC'
data_root = 'data/VOCdevkit/VOC2012'

train_pipeline = [
    dict(type='LoadIntactImage'),
    dict(type='Resize', scale=(576, 576)),
    dict(type='RandomCrop', crop_size=512),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PackInputs'),
]
test_pipeline = [
    dict(type='LoadIntactImage'),
    dict(type='Resize', scale=(512, 512)),
    dict(
        type='PackInputs',
        # difficult objects do not count, as in the official evaluation
        meta_keys=('sample_idx', 'img_path', 'ori_shape', 'gt_label_difficult'),
    ),
]

train_dataloader = dict(
    batch_size=16,
    num_workers=4,
    persistent_workers=True,
    pin_memory=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    collate_fn=dict(type='default_collate'),
    dataset=dict(
        type=dataset_type, data_root=data_root, split='train', pipeline=train_pipeline
    ),
)
val_dataloader = dict(
    batch_size=16,
    num_workers=4,
    persistent_workers=True,
    pin_memory=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    collate_fn=dict(type='default_collate'),
    dataset=dict(
        type=dataset_type, data_root=data_root, split='val', pipeline=test_pipeline
    ),
)
test_dataloader = val_dataloader

val_evaluator = [dict(type='VOCMultiLabelMetric'), dict(type='VOCAveragePrecision')]
test_evaluator = val_evaluator
