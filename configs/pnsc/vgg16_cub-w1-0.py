"""Table 1: loss weights (w1, w2) = (1, 0) of soft fusion, VGG-16, CUB-200-2011.

Paper (Top-1 / Top-5 / GT-known Loc): 65.57 / 80.64 / 85.16. Ours: not run.
"""

_base_ = 'vgg16_cub.py'

model = dict(head=dict(loss_fusion=dict(weights=(1.0, 0.0))))
