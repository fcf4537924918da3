"""Your own images, a folder for each class: docs/own_images.md.

Without a ``boxes`` file the classification alone is evaluated.
"""

_base_ = 'full_image.py'

data_root = 'data/custom'

load_image = dict(type='LoadIntactImage', color_type='color')  # turned as displayed
train_pipeline = [
    load_image,
    dict(type='Resize', scale=(256, 256)),
    dict(type='RandomCrop', crop_size=224),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PackInputs'),
]
test_pipeline = [
    load_image,
    dict(type='LoadBoxes'),
    dict(type='Resize', scale=(224, 224)),
    dict(type='PackInputs', algorithm_keys=('gt_bboxes',)),
]

held_out = 5  # images of each class, unless there is a folder for them
train_dataloader = dict(
    num_workers=2,
    dataset=dict(
        type='CustomLoc',
        data_root=data_root,
        val_per_class=held_out,
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    num_workers=2,
    dataset=dict(
        type='CustomLoc',
        data_root=data_root,
        split='val',
        val_per_class=held_out,
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader

# with `boxes`: [dict(type='MaxBoxAccV2'), dict(type='Accuracy')]
val_evaluator = [dict(type='Accuracy')]
test_evaluator = val_evaluator
