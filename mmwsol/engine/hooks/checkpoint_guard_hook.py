"""Checkpoints that load everywhere, into the model they were saved from."""

from typing import Any

import numpy as np
from mmengine.hooks import Hook
from mmengine.runner import BaseLoop, Runner
from mmpretrain.registry import HOOKS

from mmwsol.engine.checkpoint_match import check_match
from mmwsol.engine.unwrap import localizer_of


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
        model = localizer_of(runner)
        # the runner builds the loop it is about to run, and keeps the other's config
        training = isinstance(runner._train_loop, BaseLoop) and not runner._resume
        part = 'backbone' if training else ''
        check_match(model, checkpoint, runner._load_from or 'the resumed file', part)


def plain(value: Any) -> Any:
    """The same nest of containers with numpy's scalars and arrays as Python's."""
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(plain(item) for item in value)
    return value
