"""RCAM, VGG-16, ILSVRC-2012.

Rethinking Class Activation Mapping for Weakly Supervised Object Localization (ECCV 2020).
Published (Top-1 / Top-5 / GT-known Loc; PNSC paper, Table 6):
44.62 / 57.92 / 60.73. Ours: see metafile.yml.
Command: python tools/train.py configs/rcam/vgg16_ilsvrc.py
"""

_base_ = '../cam/vgg16_ilsvrc.py'

model = dict(
    neck=dict(num_convs=1, init_cfg=dict(type='Kaiming', layer='Conv2d')),
    head=dict(pool_above=0.1, positive_weights=True),
)
val_evaluator = [
    dict(type='MaxBoxAccV2', percentile=90.0),
    dict(type='Accuracy', topk=(1, 5)),
]
test_evaluator = val_evaluator
