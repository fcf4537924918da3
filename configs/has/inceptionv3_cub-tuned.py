"""HaS, InceptionV3, CUB-200-2011, with the values tuned for the wsolevaluation benchmark.

Hide-and-Seek (ICCV 2017).
The values were found in public scripts, not verified; README.md says what else differs.
Published (MaxBoxAccV2; wsolevaluation): 53.4. Ours: see metafile.yml.
Command: python tools/train.py configs/has/inceptionv3_cub-tuned.py
"""

_base_ = '../cam/inceptionv3_cub-tuned.py'

hide = dict(type='HideAndSeek', grid_size=170, drop_rate=0.26)
train_dataloader = dict(
    dataset=dict(
        pipeline=[*_base_.train_pipeline[:-1], hide, _base_.train_pipeline[-1]]
    )
)
optim_wrapper = dict(optimizer=dict(lr=1.400558066e-2))
