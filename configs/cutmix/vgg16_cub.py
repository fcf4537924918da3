"""CutMix, VGG-16, CUB-200-2011.

CutMix: Regularization Strategy to Train Strong Classifiers (ICCV 2019).
Published (Top-1 / Top-5 / GT-known Loc; a public survey):
52.50 / - / -. Ours: see metafile.yml.
Command: python tools/train.py configs/cutmix/vgg16_cub.py
"""

_base_ = '../cam/vgg16_cub.py'

model = dict(
    data_preprocessor=dict(num_classes=200),  # of the labels that are mixed
    train_cfg=dict(augments=dict(type='CutMix', alpha=1.0), probs=1.0),
)
