"""RCAM, MobileNetV2, CUB-200-2011.

Rethinking Class Activation Mapping for Weakly Supervised Object Localization (ECCV 2020).
A reconstruction: the published code is of VGG-16 alone.
Published on MobileNetV1 (BAS's comparison): 59.41 / - / 78.60. Ours: see metafile.yml.
Command: python tools/train.py configs/rcam/mobilenetv2_cub.py
"""

_base_ = '../cam/mobilenetv2_cub.py'

model = dict(head=dict(pool_above=0.1, positive_weights=True))
val_evaluator = [
    dict(type='MaxBoxAccV2', percentile=90.0),
    dict(type='Accuracy', topk=(1, 5)),
]
test_evaluator = val_evaluator
