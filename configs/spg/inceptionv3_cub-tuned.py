"""SPG, InceptionV3, CUB-200-2011, the wsolevaluation benchmark's setting.

Self-produced Guidance for Weakly-supervised Object Localization (ECCV 2018).
Tuned values found in public scripts, not verified.
Published (wsolevaluation, tuned on its held-out images): MaxBoxAccV2 55.9. Ours: see metafile.yml.
Command: python tools/train.py configs/spg/inceptionv3_cub-tuned.py
"""

_base_ = [
    '../_base_/models/inceptionv3_tuned.py',
    '../_base_/datasets/cub.py',
    '../_base_/schedules/cub_tuned.py',
    '../_base_/default_runtime.py',
]

model = dict(
    head=dict(
        type='SPGHead',
        levels=('backbone.Mixed_5d', 'backbone.Mixed_6d'),
        level_channels=(288, 768),
        hidden_channels=512,
        thresholds=((0.28, 0.02), (0.17, 0.03), (0.47, 0.31)),
    )
)
optim_wrapper = dict(optimizer=dict(lr=3.360682e-4))
