"""What can be known of a GPU without one: where tensors are, and their types.

Fake tensors have a device and no values. Their backward pass needs a real GPU, for torch
asks its driver; so B-CAM's map, which is a gradient, is made on the meta device, which mixes
with no other either. The gradients of a step are, in test_reproducibility.py.
"""

from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import pytest
import torch
from mmengine.registry import init_default_scope
from mmpretrain.registry import MODELS

import mmwsol  # noqa: F401  registers
from mmwsol.models import BCAMHead, CAMHead
from tests.support.fake_gpu import FakeGPU, to_gpu
from tests.support.models import labels_to_samples, read_config, shrink

ROOT = Path(__file__).parents[2]
PRECISIONS = [None, torch.float16, torch.bfloat16]
CONFIGS = sorted(
    str(file.relative_to(ROOT / 'configs'))
    for file in ROOT.glob('configs/[!_]*/resnet18_toy.py')
)
DDT = 'ddt/mobilenetv2_cub.py'
REPLICATE = {'neck.padding_mode': 'replicate', 'neck.normalize': True}
CUTMIX = dict(augments=dict(type='CutMix', alpha=1.0))
OPTIONS = [
    ('cam', {'head.map_classes': 3}),
    ('cam', {'head.multi_label': True, 'head.map_classes': 'all'}),
    ('cam', {'train_cfg': CUTMIX}),
    ('bas', REPLICATE),
    ('bas', {'neck.num_maps': 1, 'head.rectified': True}),
    ('bcam', {'head.multi_label': True, 'head.output': 'mask'}),
    ('eil', {'head.deep_weight': 1.0, 'head.pool_size': 1}),
    ('pnsc', {**REPLICATE, 'neck.num_maps': 1, 'head.evaluated_map': 'deep'}),
    (
        'pnsc',
        {
            'head.area_ramp': 10,
            'head.background_map': 'fused',
            'head.background_share': 0.5,
            'head.opening.background_weight': 1.0,
        },
    ),
]


def built(path, options=None):
    """A narrow model that also learns what is familiar."""
    init_default_scope('mmpretrain')
    config = shrink(read_config(path))
    config.merge_from_dict(
        {f'model.{key}': own for key, own in (options or {}).items()}
    )
    for part in (config.model.head, config.model.data_preprocessor):
        part.num_classes = 6
    # as where there is a GPU
    return MODELS.build({**config.model, 'channels_last': False, 'familiarity': True})


def batch():
    """As a loader gives it: images and labels are not on the GPU."""
    images = [torch.zeros(3, 64, 64, dtype=torch.uint8) for _ in range(2)]
    return dict(inputs=images, data_samples=labels_to_samples([1, 3]))


@contextmanager
def half(dtype):
    """Mixed precision of a GPU, which torch leaves off where there is none."""
    unavailable = 'torch.cuda.amp.common.amp_definitely_not_available'
    with (
        patch(unavailable, return_value=False),
        patch('torch.cuda.is_bf16_supported', return_value=True),
        torch.autocast('cuda', dtype or torch.float16, enabled=dtype is not None),
    ):
        yield


def losses(model):
    data = model.data_preprocessor(batch(), training=True)
    return model.train().loss(**data)


@torch.no_grad()
def predicted(model, gradients):
    """Predictions; the gradients that B-CAM asks for are like what it asks them of."""
    gradients.setattr(
        torch.autograd, 'grad', lambda of, by, **_: (torch.zeros_like(by),)
    )
    model.eval()
    data = model.data_preprocessor(batch(), training=False)
    return model.predict(**data)


@torch.no_grad()
def fit(model):
    model.eval()
    data = model.data_preprocessor(batch(), training=False)
    model.observe(model.extract_feat(data['inputs']), data['data_samples'])
    model.solve()


def check_losses(model):
    for name, loss in losses(model).items():
        assert loss.device.type == 'cuda', name
        # a sum over images or places in half precision would lose most of it
        assert loss.dtype == torch.float32, name


def check_prediction(model, gradients):
    for sample in predicted(model, gradients):
        shape = {'pred_map': (1, 64, 64)}
        if model.head.predicts_box:
            shape = {'pred_bboxes': (1, 4)}
        for name in (*shape, 'pred_score', 'pred_label', 'pred_familiarity'):
            assert sample.get(name).device.type == 'cuda', name
        for name, expected in shape.items():
            assert sample.get(name).shape == expected
            assert sample.get(name).dtype == torch.float32
        assert sample.pred_score.dtype == torch.float32
        assert sample.pred_familiarity.dtype == torch.float32


def check(path, options, dtype, gradients):
    with FakeGPU():
        model = to_gpu(built(path, options))
        with half(dtype):
            if not model.head.fits:
                check_losses(model)
            check_prediction(model, gradients)
            fit(model)
        for name, own in model.state_dict().items():
            assert own.device.type == 'cuda', name


@pytest.mark.parametrize('dtype', PRECISIONS, ids=str)
@pytest.mark.parametrize('path', [*CONFIGS, DDT])
def test_every_method_stays_on_its_device(path, dtype, monkeypatch):
    check(path, {}, dtype, monkeypatch)


@pytest.mark.parametrize(('method', 'options'), OPTIONS)
def test_so_do_their_options(method, options, monkeypatch):
    check(f'{method}/resnet18_toy.py', options, torch.float16, monkeypatch)


def test_so_do_those_of_ddt(monkeypatch):
    options = {'head.per_class': False, 'head.multi_label': True}
    check(DDT, options, torch.float16, monkeypatch)


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16], ids=str)
def test_autocast_takes_fake_tensors_for_those_of_a_gpu(dtype):
    with FakeGPU(), half(dtype):
        model = to_gpu(built('cam/resnet18_toy.py'))
        feats = model.extract_feat(torch.zeros(2, 3, 64, 64, device='cuda'))
        assert model.head.classifier(feats[-1]).dtype == dtype


class MadeElsewhere(CAMHead):
    """What must be found: its tensors are made where no GPU is."""

    def logits(self, feats):
        return super().logits(feats) + torch.zeros(self.num_classes)

    def maps(self, feats, classes):
        return super().maps(feats, classes) * torch.ones(feats[-1].shape[2:])


class KeptElsewhere(CAMHead):
    """Likewise: a tensor that is no buffer, and stays where it was."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.weights = torch.ones(self.num_classes)

    def logits(self, feats):
        return super().logits(feats) * self.weights

    def maps(self, feats, classes):
        return super().maps(feats, classes) * self.weights[0].expand(8, 8)


@pytest.mark.parametrize('wrong', [MadeElsewhere, KeptElsewhere])
def test_a_tensor_on_the_wrong_device_is_found(wrong, monkeypatch):
    with FakeGPU():
        model = built('cam/resnet18_toy.py')
        model.head = wrong(model.head.num_classes, model.head.classifier.in_channels)
        to_gpu(model)
        for step in (losses, lambda model: predicted(model, monkeypatch)):
            with pytest.raises(RuntimeError, match='device'):
                step(model)


@pytest.mark.parametrize('options', [{}, {'head.output': 'mask'}])
@pytest.mark.parametrize('score', ['contrast', 'object'])
def test_the_map_that_is_a_gradient_stays_on_its_device(score, options):
    head = built('bcam/resnet18_toy.py', {'head.map_score': score, **options}).head
    head.to('meta')
    assert isinstance(head, BCAMHead)
    feats = (torch.zeros(2, 64, 8, 8, device='meta'),)
    with torch.no_grad():
        for classes in (None, torch.zeros(2, 1, dtype=torch.long, device='meta')):
            assert head.maps(feats, classes).device.type == 'meta'


def test_a_gradient_finds_a_tensor_on_the_wrong_device():
    head = built('bcam/resnet18_toy.py').head
    head.foreground_aggregator.to('meta')
    with pytest.raises(RuntimeError, match='device'):
        head.maps((torch.zeros(2, 64, 8, 8, device='meta'),), None)
