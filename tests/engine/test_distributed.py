"""Several processes learn what one learns; rates follow the batch they share."""

import copy
import multiprocessing
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.model import (
    MMDistributedDataParallel,
    convert_sync_batchnorm,
    revert_sync_batchnorm,
)
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope
from mmpretrain.registry import MODELS
from mmpretrain.structures import DataSample

import mmwsol  # noqa: F401  registers
from mmwsol.engine.launch import training_config
from mmwsol.models import DDTHead
from tests.support.models import labels_to_samples, read_config, shrink
from tests.support.processes import IMPORTED

ROOT = Path(__file__).parents[2]
CONFIGS = sorted(ROOT.glob('configs/[!_]*/*.py'))
METHODS = ['bas', 'pnsc']
# DDT learns nothing by gradients
FROZEN = [
    file
    for file in sorted(ROOT.glob('configs/[!_]*/mobilenetv2_cub.py'))
    if file.parent.name != 'ddt'
]
IMAGES = 4


def built(method, **options):
    """The toy model, always from the same weights, and its optimizer."""
    init_default_scope('mmpretrain')
    config = Config.fromfile(ROOT / f'configs/{method}/resnet18_toy.py')
    # an image's features must not depend on what shares its batch
    config.model.backbone.update(norm_eval=True)
    if method == 'pnsc':  # so that no process adds an image of its own
        config.model.head.center_background = False
    config.merge_from_dict(options)
    torch.manual_seed(0)
    model = MODELS.build(config.model).train()
    return model, build_optim_wrapper(model, config.optim_wrapper)


def batch(part):
    images = torch.rand(IMAGES, 3, 48, 48, generator=torch.Generator().manual_seed(1))
    samples = labels_to_samples(range(IMAGES))
    return dict(inputs=[255 * i for i in images[part]], data_samples=samples[part])


def join(work, *args):
    """Has two processes work together."""
    context = multiprocessing.get_context('forkserver')
    context.set_forkserver_preload(IMPORTED)
    processes = [context.Process(target=work, args=(rank, *args)) for rank in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]


def learn(rank, folder, method):
    """One of two processes: a step on its half, and its weights to a file."""
    torch.set_num_threads(1)
    torch.distributed.init_process_group(
        'gloo', f'file://{folder}/{method}', rank=rank, world_size=2
    )
    model, optim_wrapper = built(method)
    # `sync_bn='torch'` and back, as it needs who goes on without a GPU
    model = revert_sync_batchnorm(convert_sync_batchnorm(model, 'torch'))
    assert not any(isinstance(m, torch.nn.SyncBatchNorm) for m in model.modules())
    # new layers start in training, whatever `norm_eval` says
    wrapped = MMDistributedDataParallel(model, broadcast_buffers=False).train()
    half = slice(rank * IMAGES // 2, (rank + 1) * IMAGES // 2)
    wrapped.train_step(batch(half), optim_wrapper)
    torch.save(model.state_dict(), f'{folder}/{method}_{rank}.pth')
    torch.distributed.destroy_process_group()


@pytest.mark.parametrize('method', METHODS)
def test_two_processes_learn_what_one_does_from_both_their_images(method, tmp_path):
    join(learn, str(tmp_path), method)
    model, optim_wrapper = built(method)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    model.train_step(batch(slice(None)), optim_wrapper)
    after = model.state_dict()
    first, second = (torch.load(tmp_path / f'{method}_{rank}.pth') for rank in range(2))
    for name, value in after.items():
        assert torch.equal(first[name], second[name]), name
        torch.testing.assert_close(first[name], value, rtol=1e-4, atol=1e-6)
    changed = [
        name for name, value in after.items() if not torch.equal(value, before[name])
    ]
    assert {n for n, p in model.named_parameters() if p.requires_grad} <= {*changed}


def learn_frozen(rank, folder):
    """One of two processes: three steps of every method with frozen stages."""
    torch.set_num_threads(1)
    torch.distributed.init_process_group(
        'gloo', f'file://{folder}/frozen', rank=rank, world_size=2
    )
    init_default_scope('mmpretrain')
    for file in FROZEN:
        config = shrink(Config.fromfile(file))
        assert config.model.backbone.frozen_stages > 0
        torch.manual_seed(0)
        model = MODELS.build(config.model)
        frozen = copy.deepcopy(model.backbone.layer1.state_dict())
        optim_wrapper = build_optim_wrapper(model, config.optim_wrapper)
        wrapped = MMDistributedDataParallel(model, broadcast_buffers=False).train()
        for _ in range(3):  # what went wrong in the first is seen in the second
            wrapped.train_step(batch(slice(2 * rank, 2 * rank + 2)), optim_wrapper)
        for name, value in model.backbone.layer1.state_dict().items():
            assert torch.equal(value, frozen[name]), name
    torch.distributed.destroy_process_group()


def test_two_processes_train_every_method_with_frozen_stages(tmp_path):
    assert len(FROZEN) == len([*ROOT.glob('configs/[!_]*/')]) - 1
    join(learn_frozen, str(tmp_path))


def fit_features(part, feats):
    """DDT's head, fitted on some of the images."""
    head = DDTHead(num_classes=2, in_channels=6)
    samples = [DataSample().set_gt_label(i % 2) for i in range(len(feats))]
    head.observe((feats[part],), samples[part])
    head.solve()
    return head.state_dict()


def fit_half(rank, folder):
    """One of two processes, with fewer images than the other."""
    torch.set_num_threads(1)
    torch.distributed.init_process_group(
        'gloo', f'file://{folder}/fitted', rank=rank, world_size=2
    )
    feats = torch.load(f'{folder}/feats.pt')
    state = fit_features((slice(0, 3), slice(3, 7))[rank], feats)
    torch.save(state, f'{folder}/{rank}.pth')
    torch.distributed.destroy_process_group()


def test_two_processes_fit_what_one_fits(tmp_path, generator):
    feats = torch.rand(7, 6, 5, 5, generator=generator)
    feats[:, 0, 1:4, 1:4] += 2
    torch.save(feats, tmp_path / 'feats.pt')
    join(fit_half, str(tmp_path))
    alone = fit_features(slice(None), feats)
    for rank in range(2):
        for name, value in torch.load(tmp_path / f'{rank}.pth').items():
            torch.testing.assert_close(value, alone[name], atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize('backbone', ['mobilenetv2', 'resnet50', 'vgg16'])
def test_frozen_stages_are_left_out_before_processes_agree_on_parameters(backbone):
    config = Config.fromfile(ROOT / f'configs/cam/{backbone}_cub.py').model
    config.backbone.update(init_cfg=None, frozen_stages=1)
    model = MODELS.build(config)
    before = {name for name, p in model.named_parameters() if p.requires_grad}
    ignored = {*model._ddp_params_and_buffers_to_ignore}
    model.train()
    after = {name for name, p in model.named_parameters() if p.requires_grad}
    assert before - ignored == after
    assert 'head.classifier.weight' in after
    assert len(after) < len([*model.parameters()])


@pytest.mark.parametrize(
    ('options', 'expected'),
    [
        ([], False),
        (['find_unused_parameters=True'], True),
        (['model_wrapper_cfg.find_unused_parameters=True'], True),
    ],
)
def test_unused_parameters_are_looked_for_without_a_gpu_too(
    monkeypatch, options, expected
):
    monkeypatch.setattr('torch.distributed.init_process_group', lambda *_, **__: None)
    monkeypatch.setattr('torch.cuda.is_available', lambda: False)
    arguments = ['cam/resnet18_toy', '--launcher', 'pytorch']
    config = training_config(arguments + ['--cfg-options', *options] * bool(options))
    assert config.model_wrapper_cfg.find_unused_parameters is expected
    assert config.model_wrapper_cfg.device_ids is None


@pytest.mark.parametrize('method', METHODS)
def test_synchronised_normalisation_changes_nothing_for_one_process(method):
    """In the second, frozen pass too: its statistics are thrown away in both."""
    steps = []
    for implementation in (None, 'torch'):
        model, optim_wrapper = built(method, **{'model.backbone.norm_eval': False})
        if implementation:
            model = convert_sync_batchnorm(model, implementation)
            layers = [type(m).__name__ for m in model.modules()]
            assert 'SyncBatchNorm' in layers
            assert 'BatchNorm2d' not in layers
        model.train_step(batch(slice(None)), optim_wrapper)
        steps.append(model.state_dict())
    assert steps[0].keys() == steps[1].keys()
    for name, value in steps[0].items():
        assert torch.equal(value, steps[1][name]), name


@pytest.mark.parametrize(
    'path', [str(path.relative_to(ROOT / 'configs')) for path in CONFIGS]
)
def test_every_config_says_for_which_batch_its_rate_is(path):
    config = read_config(path)
    base = config.auto_scale_lr.base_batch_size
    assert base % config.train_dataloader.batch_size == 0
    if 'ilsvrc' in path:  # BAS's: 4 GPUs with 32 images each; and PSOL's own
        assert base == (256 if path.startswith('psol') else 128)
