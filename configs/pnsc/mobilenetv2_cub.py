"""PNSC, MobileNetV2, CUB-200-2011.

Feature soft fusion and positive-negative sample contrast for WSOL (2025).
The paper has no such row.
Command: python tools/train.py configs/pnsc/mobilenetv2_cub.py
"""

_base_ = ['../cam/mobilenetv2_cub.py', '../_base_/methods/pnsc_mobilenetv2.py']

model = dict(neck={{_base_.pnsc.neck}}, head={{_base_.pnsc.head}})
