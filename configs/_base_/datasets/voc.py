"""VOC 2012, several labels an image: train 5717, validation set 5823 images.

Boxes are judged for every class an image has, and averaged over classes, which is CorLoc;
pixels on those 1449 images alone that have a segmentation map.
"""

_base_ = 'loaders.py'

data_root = 'data/VOCdevkit/VOC2012'

# boxes and maps are in the pixels of the file
load_image = dict(type='LoadIntactImage', color_type='color_ignore_orientation')
train_pipeline = [
    load_image,
    dict(type='Resize', scale=(576, 576)),
    dict(type='RandomCrop', crop_size=512),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PackInputs'),
]
test_pipeline = [
    load_image,
    dict(type='LoadBoxes', outside='clip'),  # and name it
    dict(type='Resize', scale=(512, 512)),
    dict(type='LoadMasks'),
    dict(
        type='PackInputs',
        algorithm_keys=('gt_bboxes', 'gt_bboxes_labels', 'gt_seg_map'),
        # difficult objects do not count, as in the official evaluation
        meta_keys=('sample_idx', 'img_path', 'ori_shape', 'gt_label_difficult'),
    ),
]

train_dataloader = dict(
    batch_size=16,
    dataset=dict(type='VOCLoc', data_root=data_root, pipeline=train_pipeline),
)
val_dataloader = dict(
    batch_size=16,
    dataset=dict(type='VOCLoc', data_root=data_root, pipeline=test_pipeline),
)
test_dataloader = val_dataloader

val_evaluator = [
    dict(type='MaxBoxAccV2', average='class'),
    dict(type='PxAP', no_mask='skip'),
    dict(type='VOCMultiLabelMetric'),
    dict(type='VOCAveragePrecision'),
]
test_evaluator = val_evaluator
