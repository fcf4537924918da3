"""Telling whether a checkpoint belongs to a model, before half of it is loaded."""

import os

from torch import Tensor, nn

from mmwsol.engine.safe_loading import load_plain
from mmwsol.models.pretrained import below, mismatch


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
