"""InceptionV3 as near to the wsolevaluation benchmark's as the backbone comes.

The benchmark's ends at Mixed_6e, on a grid of 28 x 28, and has dropout before each hidden
convolution and before the class convolution.
"""

_base_ = 'inceptionv3.py'

model = dict(
    head=dict(
        num_classes=200,
        init_cfg=dict(type='Xavier', layer='Conv2d', distribution='uniform'),
    )
)
