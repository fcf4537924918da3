"""ToyShapes with pseudo boxes to learn from; tested as toy.py is."""

_base_ = 'toy.py'

train_pipeline = [
    dict(type='LoadPseudoBox'),
    dict(type='RandomResizedBoxCrop', size=96),
    dict(type='mmcv.RandomFlip', prob=0.5),  # moves the box
    dict(type='PackInputs', algorithm_keys=('gt_bboxes',)),
]
train_dataloader = dict(
    dataset=dict(
        pipeline=train_pipeline,
        pseudo_boxes='work_dirs/cam/resnet18_toy/boxes.json',
        without_box='whole',  # or 'skip'
    )
)
