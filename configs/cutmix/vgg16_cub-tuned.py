"""CutMix, VGG-16, CUB-200-2011, with the values tuned for the wsolevaluation benchmark.

CutMix: Regularization Strategy to Train Strong Classifiers (ICCV 2019).
The values were found in public scripts, not verified; README.md says what else differs.
Published (MaxBoxAccV2; wsolevaluation): 62.3. Ours: see metafile.yml.
Command: python tools/train.py configs/cutmix/vgg16_cub-tuned.py
"""

_base_ = '../cam/vgg16_cub-tuned.py'

model = dict(
    data_preprocessor=dict(num_classes=200),  # of the labels that are mixed
    train_cfg=dict(augments=dict(type='CutMix', alpha=0.85), probs=0.79),
)
optim_wrapper = dict(optimizer=dict(lr=3.220934e-5))
