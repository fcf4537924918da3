"""The same seed gives the same weights; what a GPU needs for it."""

import os
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from mmengine.config import Config
from mmpretrain.registry import MODELS
from torch.utils._python_dispatch import TorchDispatchMode

from mmwsol.engine.launch import training_config
from mmwsol.functional import to_grid
from tests.support import same_weights, soak
from tests.support.models import labels_to_samples, shrink
from tests.support.toy_run import ADL, PNSC

ROOT = Path(__file__).parents[2]


# those of torch.use_deterministic_algorithms that raise an error on a GPU, as ATen calls
# them; NLLLoss is its two-dimensional form
NOT_DETERMINISTIC = {
    'avg_pool3d_backward',
    '_adaptive_avg_pool2d_backward',
    '_adaptive_avg_pool3d_backward',
    'adaptive_max_pool2d_backward',
    'fractional_max_pool2d_backward',
    'fractional_max_pool3d_backward',
    'max_unpool2d',
    'max_unpool3d',
    'upsample_linear1d_backward',
    'upsample_bilinear2d_backward',
    'upsample_bicubic2d_backward',
    'upsample_trilinear3d_backward',
    'reflection_pad1d_backward',
    'reflection_pad2d_backward',
    'reflection_pad3d_backward',
    # F.pad has another form of these on a GPU, in newer versions of torch
    'replication_pad1d_backward',
    'replication_pad2d_backward',
    'replication_pad3d_backward',
    'nll_loss2d_forward',
    '_ctc_loss_backward',
    '_embedding_bag_dense_backward',
    'put',
    'histc',
    'bincount',
    'median',
    'grid_sampler_2d_backward',
    'grid_sampler_3d_backward',
    'scatter_reduce',
}
METHODS = sorted(p.parent.name for p in ROOT.glob('configs/*/resnet18_toy.py'))
CONFIGS = [f'{method}/resnet18_toy.py' for method in METHODS]
CONFIGS += [
    f'cam/{name}_cub.py' for name in ('resnet50', 'vgg16', 'mobilenetv2', 'inceptionv3')
]


@pytest.fixture(scope='module')
def undisturbed(tmp_path_factory):
    """Weights of the toy runs without workers."""
    folder = tmp_path_factory.mktemp('undisturbed')
    return {
        name: same_weights.train(folder / name, toy, same_weights.Setting())
        for name, toy in same_weights.TOYS.items()
    }


@pytest.mark.parametrize('name', ['adl', 'pnsc'])
@pytest.mark.parametrize(('workers', 'persistent'), [(1, True), (2, True), (2, False)])
def test_loading_does_not_change_a_bit(
    name, workers, persistent, undisturbed, tmp_path
):
    options = soak.workers(workers)
    options.append(f'train_dataloader.persistent_workers={persistent}')
    setting = same_weights.Setting(options)
    weights = same_weights.train(tmp_path / 'run', same_weights.TOYS[name], setting)
    assert soak.same(weights, undisturbed[name])


def test_another_seed_has_other_weights(undisturbed, tmp_path):
    setting = same_weights.SETTINGS['another seed']
    weights = same_weights.train(tmp_path / 'run', ADL, setting)
    assert same_weights.difference(weights, undisturbed['adl']) > 0.01


def test_the_switch_for_gpus_changes_nothing_on_a_cpu(undisturbed, tmp_path):
    setting = same_weights.SETTINGS['deterministic']
    weights = same_weights.train(tmp_path / 'run', PNSC, setting)
    assert soak.same(weights, undisturbed['pnsc'])


class Operations(TorchDispatchMode):
    """Notes which operations are called."""

    def __init__(self):
        super().__init__()
        self.seen = set()

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        self.seen.add(operation.overloadpacket.__name__.rstrip('_'))
        return operation(*args, **(kwargs or {}))


@pytest.fixture
def deterministic():
    torch.use_deterministic_algorithms(True)
    yield
    torch.use_deterministic_algorithms(False)


def operations(config):
    """Of a training step; torch takes the meta device for a GPU in what it chooses."""
    # B-CAM reads labels, which have no values there; its step resizes nothing
    device = 'cpu' if config.model.head.type == 'BCAMHead' else 'meta'
    model = MODELS.build(shrink(config).model).to(device).train()
    samples = labels_to_samples([1, 3])
    for sample in samples:
        sample.set_gt_label(sample.gt_label.to(device))
    with Operations() as called:
        losses = model.loss(torch.rand(2, 3, 96, 96, device=device), samples)
        sum(losses.values()).backward()
    return called.seen


@pytest.mark.parametrize('file', CONFIGS)
def test_every_operation_of_a_step_has_a_deterministic_form(file, deterministic):
    seen = operations(Config.fromfile(ROOT / 'configs' / file))
    assert 'convolution_backward' in seen
    assert not seen & NOT_DETERMINISTIC


@pytest.mark.parametrize('method', ['bas', 'pnsc'])
@pytest.mark.parametrize(
    'single', [True, False]
)  # the whole convolution, and chosen maps
def test_repeated_borders_have_a_deterministic_form(method, single, deterministic):
    config = Config.fromfile(ROOT / f'configs/{method}/resnet18_toy.py')
    config.model.neck.update(padding_mode='replicate')
    if single:
        config.model.neck.num_maps = 1
    seen = operations(config)
    assert 'convolution_backward' in seen
    assert not seen & NOT_DETERMINISTIC


def test_without_the_switch_resizing_has_none():
    seen = operations(Config.fromfile(ROOT / 'configs/pnsc/resnet18_toy.py'))
    assert seen & NOT_DETERMINISTIC == {'upsample_bilinear2d_backward'}


@pytest.mark.parametrize('size', [(28, 28), (14, 7), (12, 12), (9, 13)])
def test_shrunk_maps_are_adaptive_averages(size, generator):
    ours = torch.rand(3, 2, 28, 28, generator=generator, requires_grad=True)
    theirs = ours.detach().clone().requires_grad_()
    small, expected = to_grid(ours, size), F.adaptive_avg_pool2d(theirs, size)
    assert torch.equal(small, expected)
    weight = torch.rand(small.shape, generator=generator)
    (small * weight).sum().backward()
    (expected * weight).sum().backward()
    assert torch.equal(ours.grad, theirs.grad)


@pytest.mark.parametrize(
    ('options', 'before', 'after'),
    [
        ([], None, None),
        (['randomness.deterministic=True'], None, ':4096:8'),
        (['randomness.deterministic=True'], ':16:8', ':16:8'),
    ],
)
def test_matrix_products_of_a_gpu_get_their_workspace(
    options, before, after, monkeypatch, tmp_path
):
    name = 'CUBLAS_WORKSPACE_CONFIG'
    monkeypatch.setenv(name, before or '')
    if before is None:
        monkeypatch.delenv(name)
    arguments = [str(ROOT / ADL.config), '--work-dir', str(tmp_path)]
    training_config([*arguments, '--cfg-options', 'log_level=INFO', *options])
    assert os.environ.get(name) == after


def test_difference_of_weights():
    one = dict(a=torch.tensor([3.0]), b=torch.tensor(4))
    other = dict(a=torch.tensor([0.0]), b=torch.tensor(4))
    assert same_weights.difference(one, one) == 0
    # a difference of 3, of a length of 5
    assert same_weights.difference(other, one) == pytest.approx(3 / 5)
    unknown = dict(a=torch.tensor([float('nan')]), b=torch.tensor(4))
    assert same_weights.difference(unknown, one) != 0
