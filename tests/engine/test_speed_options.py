"""Options that make training faster leave what is learned as it was."""

from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from mmpretrain.registry import MODELS

from mmwsol.engine.launch import training_config
from mmwsol.engine.mixed_precision import use_mixed_precision
from tools.benchmarks.workload import synthetic_batch

ROOT = Path(__file__).parents[2]
METHODS = sorted(p.parent.name for p in ROOT.glob('configs/*/resnet18_toy.py'))


def toy(method, **options):
    config = Config.fromfile(ROOT / f'configs/{method}/resnet18_toy.py')
    config.merge_from_dict(options)
    return config


def steps(config, number=2, compiled=False, double=False):
    """Losses of some steps from the same start, and the weights after them."""
    torch.manual_seed(0)
    model = MODELS.build(config.model)
    optim_wrapper = build_optim_wrapper(model, config.optim_wrapper)
    model.train()
    if double:
        model.double()
        model.backbone.register_forward_pre_hook(
            lambda module, args: tuple(images.double() for images in args)
        )
    if compiled:  # our part of what mmengine's runner compiles, and tracing alone
        model.loss = torch.compile(model.loss, backend='eager')
    batches = [synthetic_batch(4, (48, 48), 6, seed) for seed in range(number)]
    torch.manual_seed(1)  # layers that draw, and augmentations
    np.random.seed(1)  # noqa: NPY002  the host augments by it
    losses = [model.train_step(batch, optim_wrapper) for batch in batches]
    return losses, dict(model.named_parameters())


def assert_alike(found, expected, **tolerance):
    for losses, others in zip(found[0], expected[0]):
        assert losses.keys() == others.keys()
        for name in losses:
            torch.testing.assert_close(losses[name], others[name], **tolerance)
    for name, weight in found[1].items():
        torch.testing.assert_close(weight, expected[1][name], **tolerance)


@pytest.fixture(scope='module')
def plain():
    return {method: steps(toy(method)) for method in METHODS}


@pytest.mark.parametrize('method', METHODS)
def test_fused_optimizer(method, plain):
    config = toy(method, **{'optim_wrapper.optimizer.fused': True})
    assert_alike(steps(config), plain[method])


@pytest.mark.parametrize('method', METHODS)
def test_channels_first(method):
    # in float64, for in float32 the gradients of processors' kernels differ by what they round
    orders = [toy(method, **{'model.channels_last': last}) for last in (False, True)]
    found = [steps(config, 1, double=True) for config in orders]
    assert_alike(*found, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize('method', METHODS)
def test_mixed_precision(method, plain):
    config = toy(method)
    use_mixed_precision(config, 'bf16')
    losses, weights = steps(config)
    for name, value in losses[0].items():
        # bfloat16 has 8 bits
        torch.testing.assert_close(
            value.float(), plain[method][0][0][name], rtol=0.05, atol=0.05
        )
        assert torch.isfinite(losses[1][name])
    assert {weight.dtype for weight in weights.values()} == {torch.float32}


def test_compiled_loss_with_a_plugin_and_a_second_pass():
    adl = dict(module=dict(type='ADL', drop_rate=0.5), after=['backbone.features.3'])
    config = toy('pnsc', **{'model.plugins': [adl]})
    # few layers: each is traced twice
    config.model.backbone = dict(type='TapVGG', depth=11)
    config.model.neck.in_channels = (512, 512)
    config.model.head.in_channels = 512
    compiled = steps(config, 1, compiled=True)
    assert_alike(compiled, steps(config, 1), rtol=1e-3, atol=1e-4)


@pytest.fixture
def configured():
    file = str(ROOT / 'configs/pnsc/resnet18_toy.py')
    return lambda *args: training_config([file, *args])


def test_command_line_sets_the_options(configured):
    assert 'compile' not in configured()
    assert configured('--compile').compile is True
    backend = configured('--compile', '--cfg-options', 'compile.backend=eager')
    assert backend.compile == dict(backend='eager')
    assert configured('--amp', 'bf16').optim_wrapper.type == 'AutocastOptimWrapper'
    automatic = configured('--amp').optim_wrapper.type
    gpu = torch.cuda.is_available()
    assert automatic == ('AmpOptimWrapper' if gpu else 'AutocastOptimWrapper')


@pytest.mark.skipif(torch.cuda.is_available(), reason='about machines without a GPU')
def test_half_precision_without_a_gpu_is_explained(configured):
    with pytest.raises(ValueError, match='Expected a GPU for --amp fp16.*--amp bf16'):
        configured('--amp', 'fp16')
