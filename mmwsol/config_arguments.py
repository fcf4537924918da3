"""What is known to be read at a place of a config: the arguments of what it builds."""

import inspect
from collections.abc import Callable
from typing import Any

import mmpretrain.registry
from mmengine.optim import OptimWrapper
from mmengine.registry import Registry
from mmengine.runner import EpochBasedTrainLoop, LogProcessor, Runner
from mmpretrain.models import ClsDataPreprocessor
from mmpretrain.models.utils.batch_augments import RandomBatchAugment
from torch.utils.data import DataLoader

LOADER = (DataLoader, 'dataset', 'num_batch_per_epoch')
# what takes the settings of a place that names no type, and further names; there may be more
# where one is '*', and any without one
PLACES: dict[str, tuple] = {
    **{f'{part}_dataloader': LOADER for part in ('train', 'val', 'test')},
    'auto_scale_lr': ('enable', 'base_batch_size'),
    'default_hooks': (),
    'env_cfg': ('cudnn_benchmark', 'mp_cfg', 'dist_cfg', 'resource_limit'),
    'log_processor': (LogProcessor,),
    'model.data_preprocessor': (ClsDataPreprocessor,),
    'model.train_cfg': (RandomBatchAugment,),
    'model_wrapper_cfg': (
        'broadcast_buffers',
        'find_unused_parameters',
        'static_graph',
    ),
    'optim_wrapper': (OptimWrapper, 'constructor', 'paramwise_cfg'),
    'optim_wrapper.paramwise_cfg': (
        *('bias_lr_mult', 'bias_decay_mult', 'norm_decay_mult', 'flat_decay_mult'),
        *('dwconv_decay_mult', 'dcn_offset_lr_mult', 'bypass_duplicate', 'custom_keys'),
        '*',
    ),
    'optim_wrapper.paramwise_cfg.custom_keys': (),
    'randomness': (Runner.set_randomness,),
    'train_cfg': (EpochBasedTrainLoop, 'by_epoch'),
    'val_cfg': ('fp16',),
    'test_cfg': ('fp16',),
}


def known_arguments(place: str, node: dict) -> tuple[set[str], bool]:
    """What is known to be read at a place, and whether nothing else is.

    Args:
        place: The dotted key.
        node: What is there, whose ``type`` may say more.
    """
    takers = PLACES.get(place, ())
    names = {'type', *(name for name in takers if isinstance(name, str))}
    functions = [taker for taker in takers if not isinstance(taker, str)]
    if 'type' in node:
        functions += _of_type(node['type'])
    closed = bool(functions or takers) and '*' not in takers
    for function in functions:
        more, own_closed = _parameters(function)
        names |= more
        closed &= own_closed
    return names, closed


def _of_type(kind: Any) -> list[Callable]:
    if not isinstance(kind, str):
        return [kind]
    registries = [
        r for r in vars(mmpretrain.registry).values() if isinstance(r, Registry)
    ]
    return [*{found for r in registries if (found := r.get(kind)) is not None}]


def _parameters(function: Callable) -> tuple[set[str], bool]:
    """Names of arguments, those of parents too that get them as ``**kwargs``."""
    names: set[str] = set()
    chain: list[Any] = [function]
    if inspect.isclass(function):
        bases = inspect.getmro(function)
        chain = [
            vars(base)['__init__'] for base in bases[:-1] if '__init__' in vars(base)
        ]
    for call in chain:
        try:
            found = inspect.signature(call).parameters.values()
        except (TypeError, ValueError):  # without a signature
            return names, False
        more = [p.name for p in found if p.kind is p.VAR_KEYWORD]
        names |= {
            p.name for p in found if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)
        }
        if not more:
            return names, True
        if more != ['kwargs']:  # for something other than the parent
            return names, False
    return names, False
