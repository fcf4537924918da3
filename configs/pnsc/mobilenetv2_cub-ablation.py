"""PNSC on 20 classes of CUB-200-2011, evaluated on images held out of training.

For choosing settings: the last ten training images of each class are not trained on.
Ours: see metafile.yml.
Command: python tools/train.py configs/pnsc/mobilenetv2_cub-ablation.py
"""

_base_ = '../cam/mobilenetv2_cub-ablation.py'

model = dict(
    neck=dict(type='SoftFusionNeck'),
    head=dict(
        type='PNSCHead',
        loss_fusion=dict(
            type='SoftFusionLoss',
            weights=(1.0, 1.5),
            loss_weight=5.0,
            area_weights=(0.7, 0.7),  # of 20 classes; all 200 want 1.2
        ),
        loss_contrast=dict(type='PNSCLoss'),
        opening=dict(map='fused', foreground_weight=1.0),
        map_classes='all',
    ),
)
