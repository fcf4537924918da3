"""Table 1: loss weights (w1, w2) = (1, 4) of soft fusion, VGG-16, CUB-200-2011.

Paper (Top-1 / Top-5 / GT-known Loc): 69.66 / 83.97 / 90.32. Ours: not run.
"""

_base_ = 'vgg16_cub.py'

model = dict(head=dict(loss_fusion=dict(weights=(1.0, 4.0))))
