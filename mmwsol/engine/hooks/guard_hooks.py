"""Model, data and checkpoints must fit together, or the run stops ahead of the first step."""

from typing import Any

import numpy as np
from mmengine.hooks import Hook
from mmengine.runner import BaseLoop, Runner
from mmpretrain.registry import HOOKS

from mmwsol.engine.belonging import (
    check_classes,
    check_match,
    classes_of,
    meta_of,
    parts_of,
    state_of,
)
from mmwsol.engine.resumed_settings import without_effect
from mmwsol.models.pretrained import below, mismatch


def localizer_of(runner: Runner) -> Any:
    """The model below wrappers for several processes or test-time augmentation."""
    model = runner.model
    while not hasattr(model, 'head'):
        model = model.module
    return model


@HOOKS.register_module()
class ClassCountHook(Hook):
    """Stops ahead of the first step if model, training and validation differ in classes."""

    def before_train(self, runner: Runner) -> None:
        train = runner.train_loop.dataloader.dataset
        self._check(runner, train, 'train_dataloader')
        if runner.val_loop is not None:
            val = runner.val_loop.dataloader.dataset
            self._check(runner, val, 'val_dataloader')
            keys = '`train_dataloader`', '`val_dataloader`'
            check_classes(train.metainfo['classes'], val.metainfo['classes'], *keys)

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
    Loaded checkpoints must be of the same method and classes to test or resume; to start
    from, they must fill the backbone, and the classes must be the same or all others.
    """

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        hub = checkpoint['message_hub']
        history = hub['log_scalars']
        hub['log_scalars'] = {}
        hub['resumed_keys'] = {
            k: v for k, v in hub['resumed_keys'].items() if k not in history
        }
        checkpoint['meta']['parts'] = parts_of(localizer_of(runner))
        for key in checkpoint.keys() - {'state_dict', 'optimizer'}:
            checkpoint[key] = plain(checkpoint[key])

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        # the runner builds the loop it is about to run, and keeps the other's config
        training = isinstance(runner._train_loop, BaseLoop)
        loop, key = (
            (runner.train_loop, 'train_dataloader')
            if training
            else (runner.test_loop, 'test_dataloader')
        )
        model, file = localizer_of(runner), runner._load_from or 'the resumed file'
        trained, otherwise = classes_of(meta_of(checkpoint)), ''
        found = loop.dataloader.dataset.metainfo.get('classes', ())
        if training and not runner._resume:
            check_match(model, checkpoint, file, 'backbone')
            head = below(state_of(checkpoint), 'head')
            if mismatch(model.head, head) or not {*found} & {*(trained or ())}:
                return  # the head is a new one, or learns classes that are all new
            otherwise = (
                ' To start from the backbone alone, set model.backbone.init_cfg='
                f"\"dict(type='Pretrained', checkpoint='{file}', prefix='backbone')\" "
                'instead of `load_from`.'
            )
        else:
            check_match(model, checkpoint, file)
        check_classes(trained, found, file, f'`{key}`', otherwise)
        unused = without_effect(runner, checkpoint) if runner._resume else []
        if unused:
            runner.logger.warning(
                f'Goes on with settings of {file}, not with those of the config: '
                f'{"; ".join(unused)}. To change them, start from its weights with '
                '`load_from` instead of --resume.'
            )


def plain(value: Any) -> Any:
    """The same nest of containers with numpy's scalars and arrays as Python's."""
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(plain(item) for item in value)
    return value
