"""A project that imports mmwsol notices nothing but its modules."""

import os
import subprocess
import sys


def run(code: str, **environment: str) -> subprocess.CompletedProcess:
    """Runs code in a process of its own, with the warnings that Python shows by default."""
    inherited = {k: v for k, v in os.environ.items() if k != 'PYTHONWARNINGS'}
    done = subprocess.run(
        [sys.executable, '-c', code],
        env={**inherited, 'OMP_NUM_THREADS': '1', **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done


STATE = """
import logging, os, sys, warnings
with warnings.catch_warnings():
    warnings.simplefilter('ignore')
    from mmpretrain.utils import register_all_modules
    register_all_modules(init_default_scope=False)
import mmengine.registry, mmpretrain.registry, mmpretrain
import numpy, torch
from mmengine.fileio import backends
from mmengine.registry import DefaultScope, Registry
from mmengine.runner.checkpoint import CheckpointLoader


def tables():
    '''What others register in, by a name that says where.'''
    found = {
        f'{module.__name__}.{name}': {**value.module_dict}
        for module in (mmengine.registry, mmpretrain.registry)
        for name, value in vars(module).items() if isinstance(value, Registry)
    }
    found['backends'] = {**backends.registry_utils.backends}
    found['prefixes'] = {**backends.registry_utils.prefix_to_backends}
    return found


def settings():
    '''What a process has once.'''
    loggers = {None: logging.root, **logging.root.manager.loggerDict}
    return dict(
        loaders=[*CheckpointLoader._schemes.items()],
        loggers={
            name: (logger.level, [*logger.handlers], [*logger.filters], logger.disabled)
            for name, logger in loggers.items()
            if isinstance(logger, logging.Logger)
            and (logger.level or logger.handlers or logger.filters or logger.disabled)
        },
        filters=[*warnings.filters],
        show=warnings.showwarning,
        scopes=[*DefaultScope._instance_dict],
        environment=dict(os.environ),
        hook=sys.excepthook,
        errors=numpy.geterr(),
        torch=(torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()),
    )


modules, before, tables_before = {*sys.modules}, settings(), tables()
import mmwsol
"""


def test_nothing_is_changed_but_for_modules_that_are_added():
    run(
        STATE
        + """
after = settings()
for name, value in before.items():
    assert after[name] == value, (name, value, after[name])
own = 0
for name, table in tables().items():
    former = tables_before[name]
    for key, value in former.items():
        assert table[key] is value, (name, key)
    for key in table.keys() - former.keys():
        assert table[key].__module__.startswith('mmwsol.'), (name, key)
        own += 1
assert own > 40, own
"""
    )


def test_the_import_is_lean():
    loaded = run(
        STATE + 'print(*{name.partition(".")[0] for name in {*sys.modules} - modules})'
    ).stdout.split()
    heavy = {'matplotlib', 'numba', 'yaml', 'pandas', 'onnx', 'gradio', 'tools'}
    assert not heavy & {*loaded}
    assert 'mmwsol' in loaded


def test_the_import_says_nothing():
    done = run('import mmwsol')
    assert done.stdout + done.stderr == ''


ASKED = """
import mmwsol
import torch
from mmengine.registry import init_default_scope
from mmengine.runner import checkpoint
from mmpretrain.registry import MODELS

asked = []
def download(address, map_location=None):
    asked.append(address)
    return dict(state_dict=weights)
checkpoint.load_from_http = download  # what mmengine's loaders end with

init_default_scope('mmpretrain')
head = dict(type='CAMHead', num_classes=3, in_channels=512)
for address in ('torchvision://resnet18', 'open-mmlab://resnet18_v1c'):
    init = dict(type='Pretrained', checkpoint=address)
    for name, model in (
        ('ResNet', dict(type='ImageClassifier')),
        ('TapResNet', dict(type='Localizer', head=head)),
    ):
        backbone = dict(type=name, depth=18)
        weights = MODELS.build(backbone).state_dict()
        model = MODELS.build(dict(**model, backbone=dict(**backbone, init_cfg=init)))
        model.init_weights()
        for key, value in weights.items():
            assert torch.equal(model.backbone.state_dict()[key], value), key
        assert asked and asked[-1].startswith('http'), asked
        asked.clear()
"""


def test_backbones_still_ask_for_their_files():
    """The host's and ours, where mmwsol is imported and none of its tools runs."""
    run(ASKED)
