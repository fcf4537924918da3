"""CAM, VGG-16, CUB-200-2011, with the values tuned for the wsolevaluation benchmark.

Learning Deep Features for Discriminative Localization (CVPR 2016).
The values were found in public scripts, not verified; README.md says what else differs.
Published (MaxBoxAccV2; wsolevaluation): 63.7. Ours: see metafile.yml.
Command: python tools/train.py configs/cam/vgg16_cub-tuned.py
"""

_base_ = [
    '../_base_/models/vgg16_tuned.py',
    '../_base_/datasets/cub.py',
    '../_base_/schedules/cub_tuned.py',
    '../_base_/default_runtime.py',
]

optim_wrapper = dict(optimizer=dict(lr=1.268269e-5))
