"""Table 1: loss weights (w1, w2) = (0, 1) of soft fusion, VGG-16, CUB-200-2011.

Paper (Top-1 / Top-5 / GT-known Loc): 63.23 / 79.12 / 82.47. Ours: not run.
"""

_base_ = 'vgg16_cub.py'

model = dict(head=dict(loss_fusion=dict(weights=(0.0, 1.0))))
