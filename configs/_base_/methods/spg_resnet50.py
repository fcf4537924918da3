"""What SPG's side branches read in ResNet-50."""

spg = dict(
    type='SPGHead',
    levels=('backbone.layer3.0', 'backbone.layer3.5'),
    level_channels=(1024, 1024),
    hidden_channels=1024,
)
