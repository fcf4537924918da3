"""SPG, ResNet-50, CUB-200-2011, the wsolevaluation benchmark's setting.

Self-produced Guidance for Weakly-supervised Object Localization (ECCV 2018).
Tuned values found in public scripts, not verified.
Published (wsolevaluation, tuned on its held-out images): MaxBoxAccV2 60.4. Ours: see metafile.yml.
Command: python tools/train.py configs/spg/resnet50_cub-tuned.py
"""

_base_ = [
    '../_base_/models/resnet50_tuned.py',
    '../_base_/datasets/cub.py',
    '../_base_/schedules/cub_tuned_resnet50.py',
    '../_base_/default_runtime.py',
]

model = dict(
    head=dict(
        type='SPGHead',
        levels=('backbone.layer3.0', 'backbone.layer3.5'),
        level_channels=(1024, 1024),
        hidden_channels=1024,
        thresholds=((0.41, 0.35), (0.24, 0.21), (0.12, 0.06)),
    )
)
optim_wrapper = dict(
    optimizer=dict(lr=4.521947e-5),
    paramwise_cfg=dict(  # the benchmark's side branches learn as slowly as the backbone
        custom_keys={'head': dict(lr_mult=1.0), 'head.classifier': dict(lr_mult=10.0)}
    ),
)
