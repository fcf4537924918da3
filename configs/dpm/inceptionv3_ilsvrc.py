"""DPM, InceptionV3, ILSVRC-2012.

Diverse Complementary Part Mining for Weakly Supervised Object Localization (TIP 2022).
Published numbers are not known here. Ours: see metafile.yml.
Command: python tools/train.py configs/dpm/inceptionv3_ilsvrc.py
"""

_base_ = '../cam/inceptionv3_ilsvrc.py'

model = dict(head=dict(type='DPMHead'))
