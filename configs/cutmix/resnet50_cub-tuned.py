"""CutMix, ResNet-50, CUB-200-2011, with the values tuned for the wsolevaluation benchmark.

CutMix: Regularization Strategy to Train Strong Classifiers (ICCV 2019).
The values were found in public scripts, not verified; README.md says what else differs.
Published (MaxBoxAccV2; wsolevaluation): 62.8. Ours: see metafile.yml.
Command: python tools/train.py configs/cutmix/resnet50_cub-tuned.py
"""

_base_ = '../cam/resnet50_cub-tuned.py'

model = dict(
    data_preprocessor=dict(num_classes=200),  # of the labels that are mixed
    train_cfg=dict(augments=dict(type='CutMix', alpha=1.35), probs=0.34),
)
optim_wrapper = dict(optimizer=dict(lr=3.333722e-4))
