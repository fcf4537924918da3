"""SPG, VGG-16, CUB-200-2011, the wsolevaluation benchmark's setting.

Self-produced Guidance for Weakly-supervised Object Localization (ECCV 2018).
Tuned values found in public scripts, not verified.
Published (wsolevaluation, tuned on its held-out images): MaxBoxAccV2 56.3. Ours: see metafile.yml.
Command: python tools/train.py configs/spg/vgg16_cub-tuned.py
"""

_base_ = [
    '../_base_/models/vgg16_tuned.py',
    '../_base_/datasets/cub.py',
    '../_base_/schedules/cub_tuned.py',
    '../_base_/default_runtime.py',
]

model = dict(
    head=dict(
        type='SPGHead',
        levels=('backbone.features.13', 'backbone.features.16'),  # pool4 and relu5_3
        level_channels=(512, 512),
        hidden_channels=512,
        thresholds=((0.29, 0.23), (0.03, 0.02), (0.82, 0.59)),
    )
)
optim_wrapper = dict(optimizer=dict(lr=1.2558923e-4))
