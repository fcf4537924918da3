"""What SPG's side branches read in InceptionV3."""

spg = dict(
    type='SPGHead',
    levels=('backbone.Mixed_5d', 'backbone.Mixed_6d'),
    level_channels=(288, 768),
    hidden_channels=512,
)
