"""CutMix, ResNet-50, ILSVRC-2012.

CutMix: Regularization Strategy to Train Strong Classifiers (ICCV 2019).
Published (Top-1 / Top-5 / GT-known Loc; a public survey):
47.25 / - / -. Ours: see metafile.yml.
Command: python tools/train.py configs/cutmix/resnet50_ilsvrc.py
"""

_base_ = '../cam/resnet50_ilsvrc.py'

model = dict(
    data_preprocessor=dict(num_classes=1000),  # of the labels that are mixed
    train_cfg=dict(augments=dict(type='CutMix', alpha=1.0), probs=1.0),
)
