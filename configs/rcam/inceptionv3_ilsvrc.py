"""RCAM, InceptionV3, ILSVRC-2012.

Rethinking Class Activation Mapping for Weakly Supervised Object Localization (ECCV 2020).
A reconstruction: the published code is of VGG-16 alone.
Published (Top-1 / Top-5 / GT-known Loc; PNSC paper, Table 8):
47.70 / - / 62.76. Ours: see metafile.yml.
Command: python tools/train.py configs/rcam/inceptionv3_ilsvrc.py
"""

_base_ = '../cam/inceptionv3_ilsvrc.py'

model = dict(head=dict(pool_above=0.1, positive_weights=True))
val_evaluator = [
    dict(type='MaxBoxAccV2', percentile=90.0),
    dict(type='Accuracy', topk=(1, 5)),
]
test_evaluator = val_evaluator
