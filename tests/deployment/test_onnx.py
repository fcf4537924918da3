"""Exported models say what their localizers say, and carry what a user has to know."""

import json
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from mmpretrain.registry import MODELS
from mmpretrain.structures import DataSample
from torch import nn

from mmwsol import __version__
from mmwsol.deployment import (
    ExportableLocalizer,
    compare,
    describe,
    open_session,
    to_onnx,
)
from mmwsol.deployment import onnx as onnx_module
from mmwsol.models import Localizer
from tests.support.models import (
    ROOT,
    random_images,
    read_config,
    tiny_localizer,
    toy_configs,
    toy_model,
)

onnx = pytest.importorskip('onnx')
SIZE = (64, 48)


def problem_of(path):
    head = read_config(path).model.head
    return MODELS.get(head.type).export_problem


EXPORTED = [path for path in toy_configs() if not problem_of(path)]


def export(model):
    """The localizer, the file's content and a session on it."""
    model = model.eval()
    notes = describe(model.head, SIZE, [])
    content = to_onnx(ExportableLocalizer(model), SIZE, notes)
    return SimpleNamespace(
        model=model, content=content, session=open_session(content, threads=1)
    )


@cache
def export_toy(path):
    return export(toy_model(path))


@pytest.fixture(scope='module', params=EXPORTED)
def exported(request):
    return export_toy(request.param)


@pytest.fixture(scope='module')
def cam():
    return export_toy('cam/resnet18_toy.py')


def operators(content):
    return {node.op_type for node in onnx.load_from_string(content).graph.node}


def test_every_toy_method_but_one_is_exported():
    methods = {Path(path).parent.name for path in EXPORTED}
    assert {'adl', 'bas', 'cam', 'isc', 'pnsc'} <= methods
    assert 'bcam' not in methods


@pytest.mark.parametrize('batch', [1, 3])
@pytest.mark.parametrize('samples', [False, True])
def test_the_graph_predicts_as_the_localizer(exported, batch, samples, generator):
    images = random_images(batch, generator)
    unlabelled = [DataSample() for _ in images] if samples else None
    with torch.no_grad():
        expected = exported.model.test_step(
            dict(inputs=images, data_samples=unlabelled)
        )
    scores, maps = exported.session.run(None, dict(images=images.flip(1).numpy()))
    assert scores.shape == (batch, 6)
    assert maps.shape == (batch, 1, *SIZE)
    assert maps.dtype == scores.dtype == np.float32
    for sample, score, score_map in zip(expected, scores, maps):
        np.testing.assert_allclose(score, sample.pred_score.numpy(), atol=1e-5)
        np.testing.assert_allclose(score_map, sample.pred_map.numpy(), atol=5e-4)


def test_images_are_rgb_bytes(cam, generator):
    images = random_images(2, generator)
    right, swapped = (
        cam.session.run(None, dict(images=i.numpy()))[0]
        for i in (images.flip(1), images)
    )
    assert np.abs(right - swapped).max() > 1e-4
    with pytest.raises(Exception, match='uint8'):  # and not 0 to 1
        cam.session.run(None, dict(images=images.float().numpy() / 255))


def test_the_file_says_what_it_is(exported):
    notes = exported.session.get_modelmeta().custom_metadata_map
    assert notes['mmwsol_version'] == __version__
    assert notes['color_order'] == 'RGB'
    assert json.loads(notes['input_size']) == list(SIZE)
    assert notes['scores'] == 'softmax'
    assert [d if isinstance(d, int) else '?' for d in shape(exported)] == [
        '?',
        3,
        *SIZE,
    ]
    assert str(ROOT).encode() not in exported.content


def shape(exported):
    return exported.session.get_inputs()[0].shape


@pytest.mark.parametrize(
    ('head', 'expected'),
    [
        ({}, ('predicted class', 'softmax')),
        (dict(map_classes='all'), ('mean of all classes', 'softmax')),
        (
            dict(map_classes=3, multi_label=True),
            ('mean of the 3 classes with the highest scores', 'sigmoid'),
        ),
    ],
)
def test_whose_map_it_is_stands_in_the_file(head, expected):
    head = tiny_localizer(dict(type='CAMHead', **head)).head
    notes = describe(head, (8, 9), [dict(type='Resize'), dict(type='PackInputs')])
    assert (notes['map_rule'], notes['scores']) == expected
    assert json.loads(notes['test_pipeline']) == [dict(type='Resize')]


class Resize(nn.Module):
    def forward(self, images):
        return Localizer.finished(None, images[:, 0], (60, 50)), images.float()


def test_maps_are_resized_as_torch_does(generator):
    session = open_session(to_onnx(Resize(), (14, 11), {}), threads=1)
    maps = random_images(3, generator, (14, 11))
    (found, _) = session.run(None, dict(images=maps.numpy()))
    fine = F.interpolate(maps[:, :1].float(), (60, 50), mode='bicubic')[:, 0]
    low, high = fine.amin((1, 2), True), fine.amax((1, 2), True)
    np.testing.assert_allclose(found, ((fine - low) / (high - low)).numpy(), atol=1e-5)
    images = np.full((2, 3, 14, 11), 7, np.uint8)
    images[1, :, 3, 4] = 8
    flat, other = session.run(None, dict(images=images))[0]
    assert not flat.any()
    assert (other.min(), other.max()) == (0, 1)


def test_a_plugin_that_acts_in_evaluation_is_in_the_graph(generator):
    plugin = dict(module=dict(type='Tanh'), after=['backbone.layer4.1'])
    own = export(tiny_localizer(dict(type='CAMHead'), plugins=[plugin]))
    assert 'Tanh' in operators(own.content)
    found = compare(own.session, own.model, list(random_images(3, generator)), 0.5)
    assert found.scores.max() < 1e-5
    assert found.maps.max() < 5e-4


@pytest.mark.parametrize('path', ['adl/resnet18_toy.py', 'isc/resnet18_toy.py'])
def test_plugins_that_only_train_are_identities_in_evaluation(path, generator):
    feat = torch.rand(2, 32, 8, 8, generator=generator)
    model = toy_model(path)
    assert len(model.plugins) > 0
    for plugin in model.plugins.values():
        assert plugin(feat) is feat


def test_order_in_memory_does_not_matter(generator):
    head, neck = dict(type='BASHead'), dict(type='ForegroundGenerator', num_maps=4)
    # the other models here have the order of a CPU, channels last
    own = export(tiny_localizer(head, neck, channels_last=False))
    found = compare(own.session, own.model, list(random_images(3, generator)), 0.5)
    assert found.scores.max() < 1e-5
    assert found.maps.max() < 5e-4


def test_methods_that_need_more_than_a_forward_pass_say_so():
    bcam = tiny_localizer(dict(type='BCAMHead'))
    with pytest.raises(
        ValueError, match='exported, but BCAMHead makes its map of a gradient'
    ):
        ExportableLocalizer(bcam)
    crops = MODELS.build(dict(type='TenCropTTA', module=bcam))
    with pytest.raises(ValueError, match='TenCropTTA merges ten forward passes'):
        ExportableLocalizer(crops)


def test_missing_packages_are_named(monkeypatch):
    monkeypatch.setattr(
        onnx_module, 'find_spec', lambda name: None if 'script' in name else name
    )
    with pytest.raises(ImportError, match='needs onnxscript. Run: pip install onnx '):
        to_onnx(None, SIZE, {})
