"""Table 1: loss weights (w1, w2) = (1, 8) of soft fusion, VGG-16, CUB-200-2011.

Paper (Top-1 / Top-5 / GT-known Loc): 68.24 / 83.31 / 89.87. Ours: not run.
"""

_base_ = 'vgg16_cub.py'

model = dict(head=dict(loss_fusion=dict(weights=(1.0, 8.0))))
