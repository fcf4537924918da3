"""EIL, VGG-16, ILSVRC-2012.

Erasing Integrated Learning (CVPR 2020).
Published (Top-1 / Top-5 / GT-known Loc; PNSC paper, Table 6):
46.81 / - / -. Ours: see metafile.yml.
Command: python tools/train.py configs/eil/vgg16_ilsvrc.py
"""

_base_ = '../cam/vgg16_ilsvrc.py'

model = dict(neck=dict(num_convs=1), head=dict(type='EILHead'))
# published: rate / 10 after 4 and 7 epochs; their number is this project's
param_scheduler = dict(
    _delete_=True, type='MultiStepLR', milestones=[4, 7], gamma=0.1, by_epoch=True
)
