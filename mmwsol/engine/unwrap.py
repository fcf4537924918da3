"""From what the runner holds to the model itself."""

from mmengine.runner import Runner
from torch import nn


def localizer_of(runner: Runner) -> nn.Module:
    """The model below wrappers for several processes or test-time augmentation."""
    model = runner.model
    while not hasattr(model, 'head'):
        model = model.module
    return model
