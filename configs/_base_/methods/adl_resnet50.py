"""Where ADL hides and weights in ResNet-50."""

plugins = [
    dict(
        module=dict(type='ADL', drop_rate=0.75, gamma=0.9),
        after=[  # the published blocks
            'backbone.layer3.0',
            'backbone.layer4.0',
            'backbone.layer4.2',
        ],
    )
]
