"""CutMix, VGG-16, ILSVRC-2012.

CutMix: Regularization Strategy to Train Strong Classifiers (ICCV 2019).
Published numbers are not known here. Ours: see metafile.yml.
Command: python tools/train.py configs/cutmix/vgg16_ilsvrc.py
"""

_base_ = '../cam/vgg16_ilsvrc.py'

model = dict(
    data_preprocessor=dict(num_classes=1000),  # of the labels that are mixed
    train_cfg=dict(augments=dict(type='CutMix', alpha=1.0), probs=1.0),
)
