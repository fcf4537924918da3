"""ACoL, InceptionV3, CUB-200-2011, the wsolevaluation benchmark's setting.

Adversarial Complementary Learning for Weakly Supervised Object Localization (CVPR 2018).
Tuned values found in public scripts, not verified.
Published (wsolevaluation, tuned on its held-out images): MaxBoxAccV2 56.2. Ours: see metafile.yml.
Command: python tools/train.py configs/acol/inceptionv3_cub-tuned.py
"""

_base_ = [
    '../_base_/models/inceptionv3_tuned.py',
    '../_base_/datasets/cub.py',
    '../_base_/schedules/cub_tuned.py',
    '../_base_/default_runtime.py',
]

model = dict(
    neck=dict(type='TwinConvs', num_convs=2),
    head=dict(type='ACoLHead', erase_above=0.79),
)
optim_wrapper = dict(optimizer=dict(lr=6.58832165e-3))
