"""CAM's model, its maps by Grad-CAM++: docs/map_makers.md.

Grad-CAM++: Generalized Gradient-Based Visual Explanations for Deep Convolutional
Networks (WACV 2018).
Nothing is trained; the checkpoint is CAM's. Ours: see metafile.yml.
Command: python tools/test.py configs/cam/mobilenetv2_cub-by-gradcampp.py CHECKPOINT
"""

_base_ = 'mobilenetv2_cub.py'

model = dict(map_maker=dict(type='GradCAMPlusPlus'))
