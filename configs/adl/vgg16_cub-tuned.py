"""ADL, VGG-16, CUB-200-2011, with the values tuned for the wsolevaluation benchmark.

Attention-based Dropout Layer for Weakly Supervised Object Localization (CVPR 2019).
The values were found in public scripts, not verified; README.md says what else differs.
Published (MaxBoxAccV2; wsolevaluation): 66.3. Ours: see metafile.yml.
Command: python tools/train.py configs/adl/vgg16_cub-tuned.py
"""

_base_ = ['../cam/vgg16_cub-tuned.py', '../_base_/methods/adl_vgg16.py']

places = _base_.plugins[0].after
model = dict(
    plugins=[dict(module=dict(type='ADL', drop_rate=0.33, gamma=0.72), after=places)]
)
optim_wrapper = dict(optimizer=dict(lr=2.430601e-5))
