"""CAM's model, its maps by PC1, what class-weighted channels have in common: docs/map_makers.md.

Nothing is trained; the checkpoint is CAM's. Ours: see metafile.yml.
Command: python tools/test.py configs/cam/mobilenetv2_cub-by-pc1.py CHECKPOINT
"""

_base_ = 'mobilenetv2_cub.py'

model = dict(map_maker=dict(type='PC1'))
