"""CAM's model, its maps by Grad-CAM: docs/map_makers.md.

Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization (ICCV 2017).
Nothing is trained; the checkpoint is CAM's. Ours: see metafile.yml.
Command: python tools/test.py configs/cam/mobilenetv2_cub-by-gradcam.py CHECKPOINT
"""

_base_ = 'mobilenetv2_cub.py'

model = dict(map_maker=dict(type='GradCAM'))
