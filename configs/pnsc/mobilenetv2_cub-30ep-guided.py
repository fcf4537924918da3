"""PNSC, MobileNetV2, CUB-200-2011, thirty epochs, maps that follow edges.

Not of the paper: the maps of mobilenetv2_cub-30ep.py are refined by a guided filter.
Ours: see metafile.yml.
Command: python tools/test.py configs/pnsc/mobilenetv2_cub-30ep-guided.py CHECKPOINT
"""

_base_ = 'mobilenetv2_cub-30ep.py'

model = dict(refine=dict(type='GuidedFilter'))
