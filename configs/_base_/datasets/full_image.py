"""Whole images at 224 x 224 pixels, aspect ratio not kept, as in the paper.

Boxes are judged with the oracle's threshold, as in the papers: chosen on the evaluated images.
"""

_base_ = 'loaders.py'

# official boxes count in stored pixels
load_image = dict(type='LoadIntactImage', color_type='color_ignore_orientation')
train_pipeline = [
    load_image,
    dict(type='Resize', scale=(256, 256)),
    dict(type='RandomCrop', crop_size=224),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PackInputs'),
]
test_pipeline = [
    load_image,
    dict(
        type='LoadBoxes', outside='clip'
    ),  # two official boxes of CUB leave their images
    dict(type='Resize', scale=(224, 224)),
    dict(type='PackInputs', algorithm_keys=('gt_bboxes',)),
]

train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader

val_evaluator = [dict(type='MaxBoxAccV2'), dict(type='Accuracy', topk=(1, 5))]
test_evaluator = val_evaluator
