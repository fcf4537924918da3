"""OpenImages30k, full-image test view: train 29819 images, test 5000 with masks."""

_base_ = 'full_image.py'

data_root = 'data/OpenImages'

# masks count in stored pixels, as boxes do
load_image = dict(type='LoadIntactImage', color_type='color_ignore_orientation')
test_pipeline = [
    load_image,
    dict(type='Resize', scale=(224, 224)),
    dict(type='LoadMasks'),  # after Resize: from the file's pixels to these at once
    dict(type='PackInputs', algorithm_keys=('gt_seg_map',)),
]

train_dataloader = dict(dataset=dict(type='OpenImagesLoc', data_root=data_root))
val_dataloader = dict(
    dataset=dict(type='OpenImagesLoc', data_root=data_root, pipeline=test_pipeline)
)
test_dataloader = val_dataloader

val_evaluator = [dict(type='PxAP'), dict(type='Accuracy', topk=(1, 5))]
test_evaluator = val_evaluator
