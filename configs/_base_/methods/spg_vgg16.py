"""What SPG's side branches read in VGG-16."""

spg = dict(
    type='SPGHead',
    levels=('backbone.features.13', 'backbone.features.16'),  # pool4 and relu5_3
    level_channels=(512, 512),
    hidden_channels=512,
)
