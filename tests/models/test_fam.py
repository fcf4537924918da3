"""Foreground activation maps: memory, parts inside the map, losses."""

import math

import pytest
import torch
from torch import nn

from mmwsol.models import FAMHead
from mmwsol.models.layers import ForegroundMemory
from mmwsol.models.losses import area_loss, overlap_loss
from tests.support.models import labels_to_samples, like_cam, tiny_localizer


def batch(generator, labels=(0, 3, 1)):
    inputs = torch.rand(len(labels), 3, 64, 64, generator=generator)
    return inputs, labels_to_samples(labels)


def test_memory_by_hand():
    memory = ForegroundMemory(in_channels=2, num_slots=2)
    memory.query = nn.Identity()
    memory.slots = nn.Parameter(torch.tensor([[3.0, 0.0], [0.0, 0.5]]))
    # places (2, 0) and (3, 4): cosines (1, 0) and (.6, .8)
    feat = torch.tensor([[[[2.0, 3.0]], [[0.0, 4.0]]]])
    # read by softmax(10 c): weights of the first slot sigmoid(10) and sigmoid(-2)
    near, far = 1 / (1 + math.exp(-10)), 1 / (1 + math.exp(2))
    expected = torch.tensor([5 * near, 5 * (0.6 * far + 0.8 * (1 - far))])
    torch.testing.assert_close(memory(feat).flatten(), expected)


def test_area_and_overlap_by_hand():
    maps = torch.tensor([[[[1.0, 0.0]]], [[[0.5, 0.5]]]], requires_grad=True)
    # the mean of the batch is .5; both sides of the share have a slope
    for share, slope in ((0.3, 1), (0.7, -1)):
        (grad,) = torch.autograd.grad(area_loss(maps, share), maps)
        assert float(area_loss(maps, share)) == pytest.approx(0.2)
        torch.testing.assert_close(grad, torch.full_like(maps, slope / 4))
    # pairs (a, a), (a, b), (a, b) of three parts: 1, 0, 0
    a, b = [1.0, 0.0], [0.0, 1.0]
    parts = torch.tensor([[a, a, b]], requires_grad=True)
    assert float(overlap_loss(parts)) == pytest.approx(1 / 3, abs=1e-5)
    overlap_loss(parts).backward()
    assert parts.grad.isfinite().all()
    assert overlap_loss(torch.tensor([[a]])) == 0  # one part has no pair


def test_losses_equal_a_slow_restatement(generator):
    weights = dict(foreground_weight=0.7, area_weight=1.3, overlap_weight=0.4)
    own = dict(num_parts=3, area_share=0.2, **weights)
    model = tiny_localizer({'type': 'FAMHead', **own}).train()
    head = model.head
    for weight in (head.classifier.weight, head.parts.weight):
        weight.data.normal_(std=0.3, generator=generator)
    labels = [2, 0]
    feat = torch.rand(2, 64, 3, 4, generator=generator)
    with torch.no_grad():
        foreground = head.memory(feat).sigmoid()
        losses = model.head.loss((feat,), labels_to_samples(labels), None)
    terms = dict.fromkeys(losses, 0.0)
    for x, a, y in zip(feat.flatten(2), foreground.flatten(1), labels):
        places = range(12)
        likes = head.parts.weight.flatten(1) @ x + head.parts.bias[:, None]
        parts = []
        for row in likes:
            raised = [float(a[i]) * math.exp(float(row[i])) for i in places]
            parts.append([v / sum(raised) for v in raised])
        maps = head.classifier.weight.flatten(1) @ x + head.classifier.bias[:, None]
        s = sum(maps[:, i] * part[i] for part in parts for i in places) / 3
        under = sum(maps[:, i] * a[i] for i in places) / 12
        terms['loss_cls'] -= float(s.log_softmax(0)[y]) / 2
        terms['loss_foreground'] -= 0.7 * float(under.log_softmax(0)[y]) / 2
        for p, q in ((0, 1), (0, 2), (1, 2)):
            common = sum(math.sqrt(parts[p][i] * parts[q][i]) for i in places)
            terms['loss_overlap'] += 0.4 * common / 6
    terms['loss_area'] = 1.3 * abs(float(foreground.mean()) - 0.2)
    for name, value in terms.items():
        assert float(losses[name]) == pytest.approx(value, rel=1e-4), name


@pytest.mark.parametrize(
    ('term', 'learning'),
    [
        ('loss_area', {'memory'}),
        ('loss_overlap', {'memory', 'parts'}),
        ('loss_foreground', {'memory', 'classifier'}),
        ('loss_cls', {'memory', 'parts', 'classifier'}),
    ],
)
def test_what_each_term_teaches(generator, term, learning):
    model = tiny_localizer(dict(type='FAMHead')).train()
    for parameter in model.head.parameters():
        parameter.data.normal_(std=0.1, generator=generator)
    losses = model.loss(*batch(generator))
    losses[term].backward()
    found = {
        name.split('.')[0]
        for name, p in model.head.named_parameters()
        if p.grad is not None and p.grad.any()
    }
    assert found == learning


def test_an_even_map_with_parts_that_like_all_places_is_cam(generator):
    model = tiny_localizer(dict(type='FAMHead'))
    nn.init.zeros_(model.head.parts.weight)
    nn.init.zeros_(model.head.memory.gain)
    cam = like_cam(model)
    inputs, _ = batch(generator)
    with torch.no_grad():
        for m in (model.double(), cam.double()):
            m.eval()
        torch.testing.assert_close(model(inputs.double()), cam(inputs.double()))


def test_parts_look_where_the_map_is(generator):
    head = FAMHead(num_classes=3, in_channels=5)
    feat = torch.rand(1, 5, 2, 2, generator=generator)
    closed = torch.tensor([[[[9.0, -60.0], [9.0, -60.0]]]])
    looks = head.attention(feat, closed)
    assert looks[..., [1, 3]].max() < 1e-12
    torch.testing.assert_close(looks.sum(2), torch.ones(1, 4))


def test_all_classes_have_the_same_map(generator):
    model = tiny_localizer(dict(type='FAMHead')).eval()
    feats = model.extract_feat(batch(generator)[0])
    every = model.head.maps(feats, None)
    assert every.shape == (3, 4, 4, 4)
    asked = model.head.maps(feats, torch.tensor([[1, 2], [0, 0], [3, 1]]))
    assert torch.equal(asked, every[:, :1].expand(-1, 2, -1, -1))
    assert 0 < every.min() < every.max() < 1
