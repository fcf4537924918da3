"""Where ADL hides and weights in VGG-16."""

plugins = [
    dict(
        module=dict(type='ADL', drop_rate=0.75, gamma=0.9),
        after=[  # pool3, relu4_3 and relu5_3
            'backbone.features.9',
            'backbone.features.12',
            'backbone.features.16',
        ],
    )
]
