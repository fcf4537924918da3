"""One pass over the images without gradients: for methods in closed form."""

# the runner asks for an optimizer; its rate is never used
optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.001))
train_cfg = dict(type='FitLoop')
val_cfg = dict()
test_cfg = dict()
auto_scale_lr = dict(base_batch_size=16)  # nor is this
