"""Table 1: loss weights (w1, w2) = (2, 1) of soft fusion, VGG-16, CUB-200-2011.

Paper (Top-1 / Top-5 / GT-known Loc): 69.36 / 83.74 / 89.23. Ours: not run.
"""

_base_ = 'vgg16_cub.py'

model = dict(head=dict(loss_fusion=dict(weights=(2.0, 1.0))))
