"""Telling whether weights belong to a model, before half of them are loaded."""

from mmengine.model import BaseModule
from mmengine.runner.checkpoint import CheckpointLoader
from torch import Tensor, nn


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


def surplus(module: nn.Module, state: dict[str, Tensor]) -> str | None:
    """What a state dict has that a module does not have and does not leave out, or None."""
    own = module.state_dict()
    ignored = tuple(
        f'{name}.{start}' if name else start
        for name, part in module.named_modules()
        for start in getattr(part, 'ignored_keys', ())
    )
    more = [key for key in state if key not in own and not key.startswith(ignored)]
    return f'it has {more[0]!r} besides ({len(more)} entries more)' if more else None


def below(state: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Entries of a state dict below a prefix, which is cut off."""
    start = f'{prefix}.' if prefix else ''
    return {
        key[len(start) :]: value
        for key, value in state.items()
        if key.startswith(start)
    }


def check_pretrained(backbone: BaseModule) -> None:
    """Refuses pretrained weights that do not fill the backbone.

    mmengine only logs missing keys, and the run goes on from random weights. The file is
    read by whichever loader the process has for its address: mmengine's, or the safe ones
    of :func:`mmwsol.engine.checkpoints.install_safe_loading`.

    Args:
        backbone: A backbone whose ``init_cfg`` may name a checkpoint.

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
