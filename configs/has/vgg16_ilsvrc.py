"""HaS, VGG-16, ILSVRC-2012.

Hide-and-Seek (ICCV 2017).
Published numbers are not known here. Ours: see metafile.yml.
Command: python tools/train.py configs/has/vgg16_ilsvrc.py
"""

_base_ = '../cam/vgg16_ilsvrc.py'

hide = dict(type='HideAndSeek', grid_size=32, drop_rate=0.5)
train_dataloader = dict(
    dataset=dict(
        pipeline=[*_base_.train_pipeline[:-1], hide, _base_.train_pipeline[-1]]
    )
)
