"""The option --amp of the tools."""

import torch
from mmengine.config import Config


def use_mixed_precision(config: Config, dtype: str) -> str:
    """Has a config train in mixed precision.

    Args:
        config: Its ``optim_wrapper`` is changed.
        dtype: `'fp16'` with scaled losses, on a GPU alone; `'bf16'`; or `'auto'`: the first
            where there is a GPU, else the second.

    Returns:
        `'fp16'` or `'bf16'`.
    """
    gpu = torch.cuda.is_available()
    if dtype == 'auto':
        dtype = 'fp16' if gpu else 'bf16'
    if dtype == 'fp16' and not gpu:
        raise ValueError(
            'Expected a GPU for --amp fp16, but none is available; use --amp bf16, or '
            'leave it out.'
        )
    if dtype == 'bf16':
        config.optim_wrapper.type = 'AutocastOptimWrapper'
    else:
        config.optim_wrapper.update(type='AmpOptimWrapper', dtype='float16')
        config.optim_wrapper.setdefault('loss_scale', 'dynamic')
    return dtype
