"""CUB-200-2011 as older papers test it: centre crop for the map, ten crops for the class.

Use in place of ``cub.py``; ``tools/test.py --tta`` turns the ten crops on.
"""

_base_ = 'cub.py'

test_pipeline = [
    dict(type='LoadIntactImage'),
    dict(type='LoadBoxes', outside='clip'),  # two official boxes leave their images
    dict(type='Resize', scale=(256, 256)),
    dict(type='mmcv.CenterCrop', crop_size=224),  # moves and clips the boxes
    dict(type='PackInputs', algorithm_keys=('gt_bboxes',)),
]
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader

tta_model = dict(type='TenCropTTA')
tta_pipeline = [
    dict(type='LoadIntactImage'),
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
