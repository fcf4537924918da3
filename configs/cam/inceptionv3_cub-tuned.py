"""CAM, InceptionV3, CUB-200-2011, with the values tuned for the wsolevaluation benchmark.

Learning Deep Features for Discriminative Localization (CVPR 2016).
The values were found in public scripts, not verified; README.md says what else differs.
Published (MaxBoxAccV2; wsolevaluation): 56.7. Ours: see metafile.yml.
Command: python tools/train.py configs/cam/inceptionv3_cub-tuned.py
"""

_base_ = [
    '../_base_/models/inceptionv3_tuned.py',
    '../_base_/datasets/cub.py',
    '../_base_/schedules/cub_tuned.py',
    '../_base_/default_runtime.py',
]

optim_wrapper = dict(optimizer=dict(lr=2.24844746e-3))
