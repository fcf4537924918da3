"""EIL, InceptionV3, ILSVRC-2012.

Erasing Integrated Learning (CVPR 2020).
Published numbers are not known here. Ours: see metafile.yml.
Command: python tools/train.py configs/eil/inceptionv3_ilsvrc.py
"""

_base_ = '../cam/inceptionv3_ilsvrc.py'

model = dict(head=dict(type='EILHead', pool_size=1))  # no pool after the tap
