"""ILSVRC-2012 with pseudo boxes to learn from; tested as ilsvrc.py is."""

_base_ = 'ilsvrc.py'

train_pipeline = [
    # pseudo boxes count in pixels as displayed
    dict(type='LoadIntactImage', color_type='color'),
    dict(type='LoadPseudoBox'),
    dict(type='RandomResizedBoxCrop', size=224),
    dict(type='mmcv.RandomFlip', prob=0.5),  # moves the box
    dict(type='PackInputs', algorithm_keys=('gt_bboxes',)),
]
train_dataloader = dict(
    batch_size=64,
    dataset=dict(
        pipeline=train_pipeline,
        pseudo_boxes='work_dirs/ddt/vgg16_ilsvrc/boxes.json',
        without_box='whole',  # or 'skip'
    ),
)
