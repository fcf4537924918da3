"""50 epochs, rate / 10 every 15, weights by 5e-4, batches of 32, new layers x 10.

The schedule of the wsolevaluation benchmark on CUB for values tuned for one method and
backbone. A config sets its rate; ResNet-50 decays weights by 1e-4. The benchmark divides the
rate at the start of epochs counted from 1, hence 14, 29 and 44.
"""

_base_ = 'cub.py'

optim_wrapper = dict(paramwise_cfg=dict(bias_lr_mult=1.0))
param_scheduler = dict(milestones=[14, 29, 44])
train_cfg = dict(max_epochs=50)
