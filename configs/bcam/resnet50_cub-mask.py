"""B-CAM without a threshold, ResNet-50, CUB-200-2011: foreground against background.

Background-aware Classification Activation Map for WSOL (arXiv 2112.14379).
Evaluates the checkpoint of resnet50_cub.py; the map is a mask. Ours: see metafile.yml.
Command: python tools/test.py configs/bcam/resnet50_cub-mask.py CHECKPOINT
"""

_base_ = 'resnet50_cub.py'

model = dict(head=dict(output='mask'))
val_evaluator = [
    dict(type='MaxBoxAccV2', threshold=0.5),
    dict(type='Accuracy', topk=(1, 5)),
]
test_evaluator = val_evaluator
