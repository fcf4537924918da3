"""CUB-200-2011 as BAS and others test it: centre crop for the map, ten crops for the class.

Use in place of ``cub.py``; ``tools/test.py --tta`` turns the ten crops on. The metric's
protocol is 'bas', with the threshold that BAS sets by hand for most of its models.
"""

_base_ = 'cub.py'

load_image = dict(type='LoadIntactImage', color_type='color_ignore_orientation')
test_pipeline = [
    load_image,
    dict(type='LoadBoxes', outside='clip'),  # two official boxes leave their images
    dict(type='Resize', scale=(256, 256)),
    dict(type='mmcv.CenterCrop', crop_size=224),  # moves and clips the boxes
    dict(type='PackInputs', algorithm_keys=('gt_bboxes',)),
]
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader

val_evaluator = [
    dict(type='MaxBoxAccV2', protocol='bas'),
    dict(type='Accuracy', topk=(1, 5)),
]
test_evaluator = val_evaluator

tta_model = dict(type='TenCropTTA')
tta_pipeline = [
    load_image,
    dict(type='LoadBoxes', outside='clip'),  # two official boxes leave their images
    dict(type='Resize', scale=(256, 256)),
    dict(
        type='TestTimeAug',
        transforms=[
            # the first view gives map and boxes
            [dict(type='mmcv.CenterCrop', crop_size=224)]
            + [
                dict(type='CornerCrop', position=position, crop_size=224)
                for position in ('top_left', 'top_right', 'bottom_left', 'bottom_right')
            ],
            [dict(type='RandomFlip', prob=0.0), dict(type='RandomFlip', prob=1.0)],
            [dict(type='PackInputs', algorithm_keys=('gt_bboxes',))],
        ],
    ),
]
