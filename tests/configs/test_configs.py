"""Every config builds; every method learns one step, predicts, and round-trips."""

from operator import attrgetter
from pathlib import Path

import pytest
import torch
import yaml
from mmpretrain.registry import DATASETS, METRICS, MODELS, TRANSFORMS
from mmpretrain.structures import DataSample
from modelindex.load_model_index import load as load_model_index

from tests.support.models import labels_to_samples, read_config

ROOT = Path(__file__).parents[2]
CONFIGS = sorted(
    str(p.relative_to(ROOT / 'configs')) for p in ROOT.glob('configs/[!_]*/*.py')
)
# CAM's model, which learns from other images
AS_CAM = ('cutmix', 'has')
# one of each model for each backbone and data set kind; variants differ in numbers only,
# or in what makes the maps
TRAINED = [
    path
    for path in CONFIGS
    if not path.startswith(AS_CAM)
    and not any(
        part in path for part in ('-w', '-tuned', '-10ep', '-30ep', '-by-', 'ilsvrc')
    )
]
BY_GRADIENTS = [path for path in TRAINED if not path.startswith('ddt')]


def batch(generator, num_classes, size=64):
    samples = labels_to_samples(i % num_classes for i in range(2))
    return torch.rand(2, 3, size, size, generator=generator), samples


@pytest.fixture
def undrawn(monkeypatch):
    """Weights of new layers are whatever is in memory: to draw them takes the longest."""
    for name in ('kaiming_uniform_', 'kaiming_normal_', 'normal_', 'uniform_'):
        monkeypatch.setattr(torch.nn.init, name, lambda tensor, *_, **__: tensor)


@pytest.mark.parametrize('path', CONFIGS)
def test_config_builds(path, undrawn):
    config = read_config(path)
    config.model.backbone.init_cfg = None
    model = MODELS.build(config.model)
    known = dict(cub=200, ilsvrc=1000, openimages=100, toy=6, voc=20, custom=10)
    full = known[dataset_of(path)]
    expected = config.train_dataloader.dataset.get('num_classes', full)
    assert model.head.num_classes == expected
    for loader in (config.train_dataloader, config.test_dataloader):
        for transform in loader.dataset.pipeline:
            TRANSFORMS.build(transform)
        assert DATASETS.get(loader.dataset.type) is not None
    assert [METRICS.build(m) for m in config.test_evaluator]


@pytest.mark.parametrize('path', [p for p in CONFIGS if p.startswith(AS_CAM)])
def test_other_images_are_for_the_model_of_cam(path):
    own, cam = (read_config(p).model for p in (path, f'cam/{Path(path).name}'))
    for part in ('type', 'backbone', 'neck', 'head', 'plugins'):
        assert own.get(part) == cam.get(part)


def dataset_of(path):
    return Path(path).stem.split('-')[0].split('_')[1]


@pytest.mark.parametrize('path', CONFIGS)
def test_config_says_what_it_is(path):
    text = (ROOT / 'configs' / path).read_text()
    assert text.startswith('"""')
    assert len(text.splitlines()) <= 30
    backbone, _ = Path(path).stem.split('-')[0].split('_')
    model = read_config(path).model
    assert backbone.startswith(model.backbone.type.removeprefix('Tap').lower()[:6])


@pytest.mark.parametrize('path', BY_GRADIENTS)
def test_one_step_reaches_every_parameter(path, tiny_config, generator):
    torch.manual_seed(0)
    model = MODELS.build(tiny_config(path).model).train()
    inputs, samples = batch(generator, model.head.num_classes)
    losses = model(inputs, samples, mode='loss')
    total, _ = model.parse_losses(losses)
    assert torch.isfinite(total)
    total.backward()
    without = [
        name
        for name, p in model.named_parameters()
        if p.requires_grad and (p.grad is None or not torch.isfinite(p.grad).all())
    ]
    assert not without
    torch.optim.SGD(
        [p for p in model.parameters() if p.grad is not None], lr=0.01
    ).step()
    after, _ = model.parse_losses(model(inputs, samples, mode='loss'))
    assert torch.isfinite(after)
    assert after != total


@pytest.mark.parametrize('path', [p for p in TRAINED if p not in BY_GRADIENTS])
def test_one_pass_fits(path, tiny_config, generator):
    config = tiny_config(path).model
    config.head.num_classes = 6  # a component of each takes its time
    model = MODELS.build(config).eval()
    before = model.head.component.weight.clone()
    classes = model.head.num_classes
    samples = [DataSample().set_gt_label(i) for i in range(classes)]
    inputs = torch.rand(2, 3, 64, 64, generator=generator)
    with torch.no_grad():
        # one image of each class, of two that alternate
        feats = model.extract_feat(inputs)[-1].repeat(classes // 2, 1, 1, 1)
        model.head.observe((feats,), samples)
        model.head.solve()
    assert not torch.equal(before, model.head.component.weight)
    assert all(torch.isfinite(p).all() for p in model.head.parameters())


@pytest.mark.parametrize('path', [p for p in TRAINED if p.startswith(('adl', 'isc'))])
def test_every_plugin_is_passed_once(path, tiny_config, generator):
    model = MODELS.build(tiny_config(path).model).train()
    calls = dict.fromkeys(model.plugins, 0)

    def count(name):
        def hook(*_):
            calls[name] += 1

        return hook

    for name, plugin in model.plugins.items():
        plugin.register_forward_hook(count(name))
    inputs, samples = batch(generator, model.head.num_classes)
    model.loss(inputs, samples)
    assert len(calls) == 3  # the published number of places
    assert set(calls.values()) == {1}


@pytest.mark.parametrize('path', TRAINED)
def test_prediction_has_the_documented_fields(path, tiny_config, generator):
    model = MODELS.build(tiny_config(path).model).eval()
    inputs, samples = batch(generator, model.head.num_classes)
    with torch.no_grad():
        for given in (samples, None):
            for sample in model(inputs, given, mode='predict'):
                assert sample.pred_score.shape == (model.head.num_classes,)
                if not model.head.multi_label:
                    total = float(sample.pred_score.sum())
                    assert total == pytest.approx(1, abs=1e-4)
                if model.head.predicts_box:
                    assert 'pred_map' not in sample
                    assert sample.pred_bboxes.shape == (1, 4)
                    x0, y0, x1, y1 = sample.pred_bboxes[0].tolist()
                    assert 0 <= x0 <= x1 <= 64
                    assert 0 <= y0 <= y1 <= 64
                    continue
                assert sample.pred_map.shape == (1, 64, 64)
                assert sample.pred_map.dtype == torch.float32
                assert 0 <= sample.pred_map.min() <= sample.pred_map.max() <= 1


def where_of(model):
    """What gives the map of a sample, or its box."""
    return attrgetter('pred_bboxes' if model.head.predicts_box else 'pred_map')


@pytest.mark.parametrize('path', TRAINED)
def test_predictions_depend_on_nothing_but_the_image(path, tiny_config, generator):
    model = MODELS.build(tiny_config(path).model).eval()
    for parameter in model.head.parameters():  # so that classes and places differ
        if parameter.ndim:  # a scale near 0 would make maps of nothing but rounding
            parameter.data.normal_(std=0.1, generator=generator)
    # in single precision a convolution's last digits depend on what shares its batch
    model, inputs = (
        model.double(),
        torch.rand(2, 3, 64, 64, generator=generator).double(),
    )
    labels = [1, 3]

    def predict(order, known=True):
        samples = [DataSample().set_gt_label(labels[i]) for i in order]
        with torch.no_grad():
            return model.predict(inputs[order], samples if known else None)

    together = predict([0, 1])
    again, turned = predict([0, 1]), predict([1, 0])[::-1]
    alone = [predict([i])[0] for i in range(2)]
    where = where_of(model)
    for first, *others in zip(together, again, turned, alone):
        assert torch.equal(where(first), where(others[0]))
        for other in others:
            torch.testing.assert_close(other.pred_score, first.pred_score)
            assert (where(other) - where(first)).abs().mean() < 1e-3
    # without labels the map is the predicted class's
    unknown = predict([0, 1], known=False)
    labels[:] = [int(sample.pred_label) for sample in unknown]
    for guessed, told in zip(unknown, predict([0, 1])):
        assert (where(guessed) - where(told)).abs().mean() < 1e-3


@pytest.mark.parametrize('path', TRAINED)
def test_state_dict_round_trips(path, tiny_config, generator, request):
    config = tiny_config(path).model
    first = MODELS.build(config).eval()
    request.getfixturevalue('undrawn')
    second = MODELS.build(config).eval()
    second.load_state_dict(first.state_dict())
    inputs, _ = batch(generator, first.head.num_classes)
    with torch.no_grad():
        a, b = (where_of(m)(m(inputs, mode='predict')[0]) for m in (first, second))
    torch.testing.assert_close(a, b)


def test_every_config_has_a_row_in_its_metafile():
    for folder in ROOT.glob('configs/[!_]*'):
        meta = yaml.safe_load((folder / 'metafile.yml').read_text())
        rows = {row['Config'] for row in meta['Models']}
        files = {str(p.relative_to(ROOT)) for p in folder.glob('*.py')}
        assert rows == files
        for row in meta['Models']:
            for result in row['Results']:
                assert result['Metrics'], row['Name']


def test_model_index_lists_every_config():
    index = load_model_index(str(ROOT / 'model-index.yml'))
    index.build_models_with_collections()
    listed = [model.config for model in index.models]
    assert sorted(listed) == [f'configs/{path}' for path in CONFIGS]
