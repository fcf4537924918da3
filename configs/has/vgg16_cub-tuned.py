"""HaS, VGG-16, CUB-200-2011, with the values tuned for the wsolevaluation benchmark.

Hide-and-Seek (ICCV 2017).
The values were found in public scripts, not verified; README.md says what else differs.
Published (MaxBoxAccV2; wsolevaluation): 63.7. Ours: see metafile.yml.
Command: python tools/train.py configs/has/vgg16_cub-tuned.py
"""

_base_ = '../cam/vgg16_cub-tuned.py'

hide = dict(type='HideAndSeek', grid_size=4, drop_rate=0.47)
train_dataloader = dict(
    dataset=dict(
        pipeline=[*_base_.train_pipeline[:-1], hide, _base_.train_pipeline[-1]]
    )
)
optim_wrapper = dict(optimizer=dict(lr=1.42891848e-3))
