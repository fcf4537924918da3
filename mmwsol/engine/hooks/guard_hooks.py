"""Model, data and checkpoints must fit together, or the run stops ahead of the first step."""

from typing import Any

import numpy as np
from mmengine.hooks import Hook
from mmengine.runner import BaseLoop, Runner
from mmpretrain.registry import HOOKS

from mmwsol.engine.checkpoints import check_match


def localizer_of(runner: Runner) -> Any:
    """The model below wrappers for several processes or test-time augmentation."""
    model = runner.model
    while not hasattr(model, 'head'):
        model = model.module
    return model


@HOOKS.register_module()
class ClassCountHook(Hook):
    """Stops ahead of the first step if model and data have different numbers of classes."""

    def before_train(self, runner: Runner) -> None:
        self._check(runner, runner.train_loop.dataloader.dataset, 'train_dataloader')
        if runner.val_loop is not None:
            self._check(runner, runner.val_loop.dataloader.dataset, 'val_dataloader')

    def before_test(self, runner: Runner) -> None:
        self._check(runner, runner.test_loop.dataloader.dataset, 'test_dataloader')

    def _check(self, runner: Runner, dataset: Any, key: str) -> None:
        expected = localizer_of(runner).head.num_classes
        classes = dataset.metainfo['classes']
        if len(classes) != expected:
            raise ValueError(
                f'Expected {expected} classes (`model.head.num_classes`), but the data set of '
                f'`{key}` has {len(classes)}; change one of them, for a subset of the data '
                f'with `{key}.dataset.num_classes`.'
            )


@HOOKS.register_module()
class CheckpointGuardHook(Hook):
    """Keeps checkpoints plain when saved, and matching when loaded.

    Saved checkpoints lose mmengine's history of logged scalars, whose class
    ``torch.load(weights_only=True)`` refuses, and numpy's numbers become Python's;
    nothing that resuming needs is lost.
    Loaded checkpoints must fill the model: all of it to test or resume, the backbone to
    start from.
    """

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        hub = checkpoint['message_hub']
        history = hub['log_scalars']
        hub['log_scalars'] = {}
        hub['resumed_keys'] = {
            k: v for k, v in hub['resumed_keys'].items() if k not in history
        }
        for key in checkpoint.keys() - {'state_dict', 'optimizer'}:
            checkpoint[key] = plain(checkpoint[key])

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        # the runner builds the loop it is about to run, and keeps the other's config
        training = isinstance(runner._train_loop, BaseLoop) and not runner._resume
        part = 'backbone' if training else ''
        file = runner._load_from or 'the resumed file'
        check_match(localizer_of(runner), checkpoint, file, part)


def plain(value: Any) -> Any:
    """The same nest of containers with numpy's scalars and arrays as Python's."""
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(plain(item) for item in value)
    return value
