"""CAM, ResNet-50, VOC 2012: several labels an image.

Learning Deep Features for Discriminative Localization (CVPR 2016).
Published numbers under this protocol are not known here. Ours: see metafile.yml.
Command: python tools/train.py configs/cam/resnet50_voc.py
"""

_base_ = [
    '../_base_/models/resnet50.py',
    '../_base_/datasets/voc.py',
    '../_base_/schedules/voc.py',
    '../_base_/default_runtime.py',
]

model = dict(
    data_preprocessor=dict(num_classes=20, to_onehot=True),  # for the evaluation
    head=dict(num_classes=20, multi_label=True),
)
