"""B-CAM, MobileNetV2, CUB-200-2011.

Background-aware Classification Activation Map for WSOL (arXiv 2112.14379).
The paper has no such row. Ours: see metafile.yml.
Command: python tools/train.py configs/bcam/mobilenetv2_cub.py
"""

_base_ = '../cam/mobilenetv2_cub.py'

model = dict(head=dict(type='BCAMHead'))
