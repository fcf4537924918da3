"""CAM's model, its maps by BagCAMs: docs/map_makers.md.

Bagging Regional Classification Activation Maps for Weakly Supervised Object Localization
(ECCV 2022).
Nothing is trained; the checkpoint is CAM's. Ours: see metafile.yml.
Command: python tools/test.py configs/cam/mobilenetv2_cub-by-bagcams.py CHECKPOINT
"""

_base_ = 'mobilenetv2_cub.py'

model = dict(map_maker=dict(type='BagCAMs'))
