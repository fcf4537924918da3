"""Where ADL hides and weights in InceptionV3."""

plugins = [
    dict(
        module=dict(type='ADL', drop_rate=0.75, gamma=0.9),
        after=[  # the last: the second hidden convolution
            'backbone.Mixed_5d',
            'backbone.Mixed_6e',
            'neck.hidden.3',
        ],
    )
]
