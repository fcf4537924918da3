"""CAM's model, its maps by LayerCAM: docs/map_makers.md.

LayerCAM: Exploring Hierarchical Class Activation Maps for Localization (TIP 2021).
Nothing is trained; the checkpoint is CAM's. Ours: see metafile.yml.
Command: python tools/test.py configs/cam/mobilenetv2_cub-by-layercam.py CHECKPOINT
"""

_base_ = 'mobilenetv2_cub.py'

model = dict(map_maker=dict(type='LayerCAM'))
