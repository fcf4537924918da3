"""As cub.py, whole images at 448 x 448 pixels in training too, each of them once."""

_base_ = 'cub.py'

load_image = _base_.load_image
resize = dict(type='Resize', scale=(448, 448))
train_dataloader = dict(
    batch_size=16,
    # shuffled or repeated images would change the sums
    sampler=dict(_delete_=True, type='DefaultSampler', shuffle=False, round_up=False),
    dataset=dict(pipeline=[load_image, resize, dict(type='PackInputs')]),
)
test_pipeline = [
    load_image,
    dict(type='LoadBoxes', outside='clip'),
    resize,
    dict(type='PackInputs', algorithm_keys=('gt_bboxes',)),
]
val_dataloader = dict(batch_size=16, dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
