"""PNSC, ResNet-50, your own images.

Feature soft fusion and positive-negative sample contrast for WSOL (2025).
tools/prepare/custom.py writes a config that inherits from this one.
Command: python tools/train.py configs/pnsc/resnet50_custom.py
"""

_base_ = ['../cam/resnet50_custom.py', '../_base_/methods/pnsc_custom.py']

model = dict(neck={{_base_.pnsc.neck}}, head={{_base_.pnsc.head}})

prior = dict(type='PriorMapHook', config='ddt/resnet50_custom')
custom_hooks = [*_base_.custom_hooks, prior]
