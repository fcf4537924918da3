"""Layers placed by name, and attention-based dropout."""

import copy

import pytest
import torch
from torch import nn

from mmwsol.models import ADL
from tests.support.models import labels_to_samples, like_cam, tiny_localizer

PLACES = ['backbone.layer3.0', 'backbone.layer4.1']


def with_adl(after=PLACES, **adl):
    module = dict(type='ADL', **adl)
    return tiny_localizer(
        dict(type='CAMHead'), plugins=[dict(module=module, after=after)]
    )


def test_adl_by_hand():
    # two channels on 1 x 3 places; their means are 1, 3 and 4, the highest 4
    feat = torch.tensor([[[[2.0, 2.0, 4.0]], [[0.0, 4.0, 4.0]]]])
    hide = ADL(drop_rate=1.0, gamma=0.75)  # 3 is not below 0.75 x 4 and goes too
    assert hide(feat).tolist() == [[[[2.0, 0.0, 0.0]], [[0.0, 0.0, 0.0]]]]
    weigh = ADL(drop_rate=0.0)(feat)
    # sigmoid(1), sigmoid(3), sigmoid(4)
    by_hand = torch.tensor([0.731059, 0.952574, 0.982014])
    torch.testing.assert_close(weigh, feat * by_hand)


def test_adl_judges_each_image_by_its_own_peak():
    feat = torch.tensor([[[[1.0, 2.0]]], [[[10.0, 4.0]]]])
    hidden = ADL(drop_rate=1.0, gamma=0.9)(feat)
    assert hidden.tolist() == [[[[1.0, 0.0]]], [[[0.0, 4.0]]]]


def test_adl_draws_once_for_the_whole_batch(generator):
    feat = torch.rand(4, 3, 5, 5, generator=generator) + 0.1
    layer = ADL(drop_rate=0.5)
    torch.manual_seed(0)
    hidden = [[bool((image == 0).any()) for image in layer(feat)] for _ in range(40)]
    assert all(len(set(batch)) == 1 for batch in hidden)
    assert 8 < sum(batch[0] for batch in hidden) < 32


def test_adl_passes_gradient_to_what_it_keeps_alone():
    feat = torch.tensor([[[[1.0, 2.0]]]], requires_grad=True)
    ADL(drop_rate=1.0)(feat).sum().backward()
    assert feat.grad.tolist() == [[[[1.0, 0.0]]]]


def test_adl_refuses_a_rate_that_is_none():
    with pytest.raises(ValueError, match=r'`drop_rate` of ADL.*\[0, 1\].*1.5'):
        ADL(drop_rate=1.5)


def test_adl_switched_off_is_cam(generator):
    model = with_adl(drop_rate=1.0, gamma=1e9).train()  # all is below the peak
    cam = like_cam(model).train()
    inputs, samples = torch.rand(3, 3, 64, 64, generator=generator), [0, 3, 1]
    ours = model.loss(inputs, labels_to_samples(samples))['loss_cls']
    assert ours == cam.loss(inputs, labels_to_samples(samples))['loss_cls']


def test_adl_changes_training_and_not_evaluation(generator):
    model = with_adl(drop_rate=1.0)
    cam = like_cam(model)
    inputs, samples = torch.rand(3, 3, 64, 64, generator=generator), [0, 3, 1]
    trained = [
        m.train().loss(inputs, labels_to_samples(samples))['loss_cls']
        for m in (model, cam)
    ]
    assert trained[0] != trained[1]
    model.load_state_dict(cam.state_dict())  # a plugin without weights adds no key
    with torch.no_grad():
        ours, theirs = (
            m.eval().predict(inputs, labels_to_samples(samples)) for m in (model, cam)
        )
    for a, b in zip(ours, theirs):
        assert torch.equal(a.pred_map, b.pred_map)


def test_plugins_act_behind_their_layers(generator):
    model = with_adl(after=['backbone.layer3.0'], drop_rate=1.0, gamma=-1.0).train()
    # nothing is below a negative share of the peak: the block gives zero, and what
    # follows sees the same for every image
    tap, _ = model.backbone(torch.rand(2, 3, 64, 64, generator=generator))
    block = model.backbone.layer3[1]
    torch.testing.assert_close(tap, block(torch.zeros(2, 32, 8, 8)))


def test_every_layer_gets_a_plugin_of_its_own():
    plugins = with_adl().plugins
    assert list(plugins) == ['backbone-layer3-0', 'backbone-layer4-1']
    assert len(set(map(id, plugins.values()))) == 2


def test_unknown_layers_list_the_candidates():
    with pytest.raises(ValueError, match=r'backbone.layer3 has .*backbone.layer3.1'):
        with_adl(after=['backbone.layer3.7'])
    with pytest.raises(ValueError, match=r'the model has .*backbone, .*head'):
        with_adl(after=['layer3.0'])


def test_two_plugins_after_one_layer_are_refused():
    with pytest.raises(ValueError, match=r'got two after .backbone.layer3.0'):
        with_adl(after=['backbone.layer3.0', 'backbone.layer3.0'])


def test_a_deep_copy_calls_its_own_plugins(generator):
    model = with_adl(drop_rate=1.0).train()
    copied = copy.deepcopy(model)
    copied.eval()
    inputs = torch.rand(2, 3, 64, 64, generator=generator)
    evaluated = copied.extract_feat(inputs)[-1]
    expected = like_cam(copied).eval().extract_feat(inputs)[-1]
    torch.testing.assert_close(evaluated, expected)  # the original's would hide
    assert model.plugins['backbone-layer3-0'].training
    assert not copied.plugins['backbone-layer3-0'].training


def test_plugins_also_act_in_a_second_pass_of_the_tail(generator):
    model = with_adl(after=['backbone.layer4.1'], drop_rate=1.0, gamma=-1.0).train()
    assert not model.tail(torch.rand(1, 32, 8, 8, generator=generator)).any()


def test_a_plugin_may_be_any_module_of_the_registry(generator):
    model = tiny_localizer(
        dict(type='CAMHead'),
        plugins=[dict(module=dict(type='ReLU6'), after=['backbone.layer4.0'])],
    )
    assert isinstance(model.plugins['backbone-layer4-0'], nn.ReLU6)
    assert model.extract_feat(torch.rand(1, 3, 64, 64, generator=generator))
