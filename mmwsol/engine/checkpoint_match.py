"""Telling whether a checkpoint belongs to a model, before half of it is loaded."""

import os

from mmengine.runner.checkpoint import CheckpointLoader
from torch import Tensor, nn

from mmwsol.engine.safe_loading import load_plain


def mismatch(module: nn.Module, state: dict[str, Tensor]) -> str | None:
    """First reason why a state dict does not fill a module, or None."""
    own = module.state_dict()
    missing = [
        key
        for key in own
        if key not in state and not key.endswith('num_batches_tracked')
    ]
    if missing:
        return f'it has no {missing[0]!r} ({len(missing)} of {len(own)} entries are missing)'
    for key, value in own.items():
        found = state.get(key, value)
        if not isinstance(found, Tensor):
            return f'{key!r} is a {type(found).__name__} instead of a tensor'
        if found.shape != value.shape:
            return f'{key!r} has shape {tuple(found.shape)} instead of {tuple(value.shape)}'
    return None


def below(state: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Entries of a state dict below a prefix, which is cut off."""
    start = f'{prefix}.' if prefix else ''
    return {
        key[len(start) :]: value
        for key, value in state.items()
        if key.startswith(start)
    }


def state_of(checkpoint: dict) -> dict[str, Tensor]:
    """The state dict of a checkpoint, as named by the model without a wrapper."""
    state = checkpoint.get('state_dict', checkpoint)
    return {
        key.removeprefix('module.'): value
        for key, value in (state.items() if isinstance(state, dict) else ())
        if isinstance(key, str)
    }


def check_match(
    localizer: nn.Module, checkpoint: dict, file: str, part: str = ''
) -> None:
    """Refuses a checkpoint that does not fill a localizer, or a named part of it."""
    state = below(state_of(checkpoint), part)
    problem = mismatch(localizer.get_submodule(part), state)
    if problem:
        raise ValueError(
            f'Expected a checkpoint of {type(localizer).__name__} with '
            f'{type(localizer.backbone).__name__} and {type(localizer.head).__name__} in '
            f'{file}, but {problem}; use the config it was trained with.'
        )


def load_whole(localizer: nn.Module, file: str | os.PathLike) -> dict:
    """Fills a localizer from a checkpoint, all of it.

    Returns:
        What the checkpoint says of itself, ``meta``.

    Raises:
        ValueError: The checkpoint is of another model, is damaged or could run code.
    """
    checkpoint = load_plain(file)
    check_match(localizer, checkpoint, str(file))
    localizer.load_state_dict(state_of(checkpoint), strict=False)
    meta = checkpoint.get('meta')
    return meta if isinstance(meta, dict) else {}


def check_pretrained(backbone: nn.Module) -> None:
    """Refuses pretrained weights that do not fill the backbone.

    mmengine only logs missing keys, and the run goes on from random weights.

    Args:
        backbone: Whose ``init_cfg`` may name a checkpoint.

    Raises:
        ValueError: The checkpoint is of another backbone.
    """
    configs = backbone.init_cfg
    for config in configs if isinstance(configs, list) else [configs]:
        if not config or config.get('type') != 'Pretrained':
            continue
        checkpoint = CheckpointLoader.load_checkpoint(
            config['checkpoint'], 'cpu', logger='silent'
        )
        state = below(
            checkpoint.get('state_dict', checkpoint), config.get('prefix', '')
        )
        problem = mismatch(backbone, state)
        if problem:
            raise ValueError(
                f'Expected weights of {type(backbone).__name__} in {config["checkpoint"]} '
                f'(`model.backbone.init_cfg.checkpoint`), but {problem}.'
            )
