"""Mixed precision, on a CPU too."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from mmengine.config import Config
from mmengine.optim import OptimWrapper
from mmpretrain.registry import OPTIM_WRAPPERS
from torch import nn


@OPTIM_WRAPPERS.register_module()
class AutocastOptimWrapper(OptimWrapper):
    """Forward passes in bfloat16, where mmengine's `AmpOptimWrapper` asks for a GPU.

    bfloat16 has the range of single precision: unlike there, nothing is scaled.
    """

    @contextmanager
    def optim_context(self, model: nn.Module) -> Iterator[None]:
        device = next(model.parameters()).device.type
        with super().optim_context(model), torch.autocast(device, torch.bfloat16):
            yield


def use_mixed_precision(config: Config, dtype: str) -> str:
    """Has a config train in mixed precision: the option --amp of the tools.

    Args:
        config: The config, whose ``optim_wrapper`` is changed.
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
