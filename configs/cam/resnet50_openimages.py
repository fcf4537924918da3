"""CAM, ResNet-50, OpenImages30k.

Learning Deep Features for Discriminative Localization (CVPR 2016).
Published (PxAP; wsolevaluation, settings tuned on its held-out images): 58.5.
Ours: see metafile.yml.
Command: python tools/train.py configs/cam/resnet50_openimages.py
"""

_base_ = [
    '../_base_/models/resnet50.py',
    '../_base_/datasets/openimages.py',
    '../_base_/schedules/openimages.py',
    '../_base_/default_runtime.py',
]

model = dict(head=dict(num_classes=100))
