"""CUB-200-2011, full-image test view: train 5994 images, test 5794."""

dataset_type = 'CUBLoc'
data_root = 'data/CUB_200_2011'

# official boxes count in stored pixels
load_image = dict(type='LoadIntactImage', color_type='color_ignore_orientation')
train_pipeline = [
    load_image,
    dict(type='Resize', scale=(256, 256)),  # aspect ratio not kept, as in the paper
    dict(type='RandomCrop', crop_size=224),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PackInputs'),
]
test_pipeline = [
    load_image,
    dict(type='LoadBoxes', outside='clip'),  # two official boxes leave their images
    dict(type='Resize', scale=(224, 224)),
    dict(type='PackInputs', algorithm_keys=('gt_bboxes',)),
]

train_dataloader = dict(
    batch_size=32,
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
    batch_size=64,
    num_workers=4,
    persistent_workers=True,
    pin_memory=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    collate_fn=dict(type='default_collate'),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        split='test',
        test_mode=True,
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader

# oracle threshold, as in the papers: chosen on the evaluated images
val_evaluator = [dict(type='MaxBoxAccV2'), dict(type='Accuracy', topk=(1, 5))]
test_evaluator = val_evaluator
