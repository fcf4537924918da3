"""ADL, InceptionV3, CUB-200-2011, with the values tuned for the wsolevaluation benchmark.

Attention-based Dropout Layer for Weakly Supervised Object Localization (CVPR 2019).
The values were found in public scripts, not verified; README.md says what else differs.
Published (MaxBoxAccV2; wsolevaluation): 58.8. Ours: see metafile.yml.
Command: python tools/train.py configs/adl/inceptionv3_cub-tuned.py
"""

_base_ = ['../cam/inceptionv3_cub-tuned.py', '../_base_/methods/adl_inceptionv3.py']

places = _base_.plugins[0].after
model = dict(
    plugins=[dict(module=dict(type='ADL', drop_rate=0.69, gamma=0.86), after=places)]
)
optim_wrapper = dict(optimizer=dict(lr=3.8655054e-4))
