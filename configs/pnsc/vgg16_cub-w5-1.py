"""Table 1: loss weights (w1, w2) = (5, 1) of soft fusion, VGG-16, CUB-200-2011.

Paper (Top-1 / Top-5 / GT-known Loc): 68.93 / 83.28 / 88.90. Ours: not run.
"""

_base_ = 'vgg16_cub.py'

model = dict(head=dict(loss_fusion=dict(weights=(5.0, 1.0))))
