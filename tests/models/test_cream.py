"""Class re-activation: embeddings kept by momentum, clustering, calibration."""

import math

import pytest
import torch
from mmpretrain.structures import DataSample
from torch import nn

from mmwsol.deployment import ExportableLocalizer
from mmwsol.models import CREAMHead, ISCHead
from mmwsol.models.layers import ContextEmbeddings
from mmwsol.models.layers.context_embeddings import calibrated
from tests.support.models import images_and_samples, like_cam, tiny_localizer


def contexts(num_classes=2, channels=2, **options):
    constants = dict(foreground_above=0.5, momentum=0.8, temperature=0.5, iterations=0)
    return ContextEmbeddings(num_classes, channels, **{**constants, **options})


def test_momentum_by_hand():
    own = contexts()
    # two places at (4, 1) and (0, 1), so (2, 0) and (-2, 0) around their mean: z are
    # (1, 0) and (-1, 0); the map is high in the first
    feat = torch.tensor([[[[4.0, 0.0]], [[1.0, 1.0]]]])
    high_first = torch.tensor([[[[3.0, -1.0]]]])
    own.update(feat, high_first, torch.tensor([1]))
    # the first update is taken whole, and classes without images stay
    expected = torch.tensor([[[0.0, 0.0], [0.0, 0.0]], [[1.0, 0.0], [-1.0, 0.0]]])
    torch.testing.assert_close(own.embeddings, expected)
    assert own.seen.tolist() == [[False, False], [True, True]]
    # the other place: .8 x (1, 0) + .2 x (-1, 0)
    own.update(feat, -high_first, torch.tensor([1]))
    torch.testing.assert_close(own.embeddings[1, 0], torch.tensor([0.6, 0.0]))
    torch.testing.assert_close(own.embeddings[1, 1], torch.tensor([-0.6, 0.0]))
    # two images of a class: the mean over them, whatever their order
    both = contexts()
    maps = torch.cat([high_first, -high_first])
    both.update(feat.repeat(2, 1, 1, 1), maps, torch.tensor([0, 0]))
    torch.testing.assert_close(both.embeddings[0], torch.zeros(2, 2))


def test_a_flat_map_moves_the_background_alone():
    own = contexts()
    feat, flat = torch.ones(1, 2, 1, 2), torch.ones(1, 1, 1, 2)
    own.update(feat, flat, torch.tensor([0]))
    assert own.seen[0].tolist() == [False, True]
    assert not own.embeddings[0, 0].any()


def test_expectation_by_hand():
    own = contexts(temperature=0.5)
    own.embeddings[0] = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    own.seen[0] = True
    # around their mean (5, 7): (5, 0), (-2, 4), (-3, -4)
    feat = torch.tensor([[[[10.0, 3.0, 2.0]], [[7.0, 11.0, 3.0]]]])
    maps = torch.tensor([[[[9.0, 1.0, 0.0]]]])
    shares = own(feat, maps, torch.tensor([[0]]))
    # cosines with (1, 0) and (0, 1): (1, 0), (-1, 2) / 5^.5, (-.6, -.8); their differences
    # over sigma .5:
    expected = torch.tensor([[[[2.0, -6 / 5**0.5, 0.4]]]]).sigmoid()
    torch.testing.assert_close(shares, expected)
    # where the map is higher in the second component, that one is the foreground
    turned = own(feat, -maps, torch.tensor([[0]]))
    torch.testing.assert_close(turned, 1 - expected)


def test_calibration_by_hand():
    first = torch.tensor([[[0.9, 0.6, 0.1]]])
    # means of the map under the two: (.9 + 1.2) / 1.6 = 1.31 and (.1 + .8) / 1.4 = .64
    rising = torch.tensor([[[1.0, 2.0, 0.0]]])
    assert torch.equal(calibrated(first, rising), first)
    assert torch.equal(calibrated(first, -rising), 1 - first)


def slow(own, feat, cam, label, iterations):
    """One image's map, place by place."""
    own_mean = feat.mean((1, 2))
    places = [(z - own_mean) / (z - own_mean).norm() for z in feat.flatten(1).T]
    v = [e.clone() for e in own.embeddings[label]]
    a = [0.5, 0.5]
    for step in range(iterations + 1):
        p = []
        for z in places:
            weights = [
                a[k] * math.exp(float(z @ v[k]) / own.temperature) for k in (0, 1)
            ]
            p.append([w / sum(weights) for w in weights])
        if step == iterations:
            break
        for k in (0, 1):
            own_share = sum(row[k] for row in p)
            v[k] = sum(row[k] * z for row, z in zip(p, places)) / own_share
            a[k] = own_share / len(places)
    under = [
        sum(row[k] * float(m) for row, m in zip(p, cam.flatten()))
        / sum(row[k] for row in p)
        for k in (0, 1)
    ]
    first = 0 if under[0] >= under[1] else 1
    return torch.tensor([row[first] for row in p]).unflatten(0, cam.shape)


@pytest.mark.parametrize('iterations', [0, 2])
def test_maps_equal_a_slow_restatement(generator, iterations):
    model = tiny_localizer(dict(type='CREAMHead', iterations=iterations)).eval()
    model.head.classifier.weight.data.normal_(std=0.3, generator=generator)
    own = model.head.contexts
    own.embeddings.normal_(std=0.3, generator=generator)
    own.seen.fill_(True)
    feat = torch.rand(3, 64, 4, 4, generator=generator) ** 4
    cam = model.head.classifier(feat)
    classes = torch.tensor([[2, 1], [0, 3], [3, 3]])
    with torch.no_grad():
        maps = model.head.maps((feat,), classes)
        every = model.head.maps((feat,), None)
    turned = 0
    for i, row in enumerate(classes.tolist()):
        for j, label in enumerate(row):
            expected = slow(own, feat[i], cam[i, label], label, iterations)
            torch.testing.assert_close(maps[i, j], expected, atol=1e-4, rtol=0)
            torch.testing.assert_close(every[i, label], expected, atol=1e-4, rtol=0)
            around = feat[i].flatten(1) - feat[i].mean((1, 2))[:, None]
            cosine = nn.functional.normalize(around, dim=0)
            towards = own.embeddings[label, 0] - own.embeddings[label, 1]
            turned += bool(
                (towards @ cosine) @ (maps[i, j] - maps[i, j].mean()).flatten() < 0
            )
    assert 0 < turned < 6 or iterations  # calibration had something to do


def test_a_class_that_was_never_seen_starts_from_the_image(generator):
    own = contexts(num_classes=1, channels=3)
    feat = torch.rand(1, 3, 4, 4, generator=generator)
    maps = torch.rand(1, 1, 4, 4, generator=generator)
    unknown = own(feat, maps, None)
    own.update(feat, maps, torch.tensor([0]))
    torch.testing.assert_close(own(feat, maps, None), unknown)
    assert unknown.std() > 0


def test_it_learns_what_cam_learns_and_the_embeddings_get_no_gradient(generator):
    model = tiny_localizer(dict(type='CREAMHead')).train()
    cam = like_cam(model).train()
    inputs, samples = images_and_samples(generator, (0, 3, 1, 0))
    gradients = []
    for m in (model, cam):
        losses = m.loss(inputs, samples)
        assert list(losses) == ['loss_cls']
        losses['loss_cls'].backward()
        gradients.append((losses['loss_cls'], *(p.grad for p in m.parameters())))
    assert all(map(torch.equal, *gradients))
    own = model.head.contexts
    assert not own.embeddings.requires_grad
    assert own.seen.tolist() == [[True] * 2, [True] * 2, [False] * 2, [True] * 2]
    assert {'embeddings', 'seen'} == dict(own.named_buffers()).keys()


def test_two_processes_keep_what_one_does(generator, monkeypatch):
    feat = torch.rand(4, 2, 3, 3, generator=generator)
    maps = torch.rand(4, 1, 3, 3, generator=generator)
    labels = torch.tensor([0, 1, 1, 0])
    whole = contexts()
    whole.update(feat, maps, labels)
    parts = [slice(0, 1), slice(1, 4)]
    name = 'mmwsol.models.layers.context_embeddings.all_reduce'
    sent = []  # what each process gives, in order
    for part in parts:
        given = []
        monkeypatch.setattr(name, lambda x, _, to=given: to.append(x.clone()))
        contexts().update(feat[part], maps[part], labels[part])
        sent.append(given)
    sums = [sum(pair) for pair in zip(*sent)]
    for part in parts:
        own, left = contexts(), list(sums)
        monkeypatch.setattr(name, lambda x, _, left=left: x.copy_(left.pop(0)))
        own.update(feat[part], maps[part], labels[part])
        torch.testing.assert_close(own.embeddings, whole.embeddings)
        assert torch.equal(own.seen, whole.seen)


class OnAttention(CREAMHead, ISCHead):
    """As the page says that other heads can have it."""


def test_another_head_can_have_it(generator):
    plugins = [
        dict(
            module=dict(type='InSampleAttention', in_channels=channels),
            after=[f'backbone.{layer}'],
        )
        for layer, channels in (('layer3.0', 32), ('layer4.0', 64))
    ]
    model = tiny_localizer(dict(type='ISCHead'), plugins=plugins)
    model.head = OnAttention(num_classes=4, in_channels=64, iterations=1)
    inputs, samples = images_and_samples(generator, (0, 3, 1, 0))
    losses = model.train().loss(inputs, samples)
    assert list(losses) == ['loss_cls', 'loss_contrast', 'loss_consistency']
    assert model.head.contexts.seen.any()
    with torch.no_grad():
        first = model.eval().predict(inputs, samples)[0].pred_map
    assert first.max() == 1


def test_its_iterations_are_in_the_exported_graph(generator):
    model = tiny_localizer(dict(type='CREAMHead')).eval()
    model.head.contexts.embeddings.normal_(generator=generator)
    model.head.contexts.seen.fill_(True)
    exported = ExportableLocalizer(model)
    images = torch.randint(0, 256, (2, 3, 64, 64), dtype=torch.uint8)
    graph = torch.export.export(exported, (images,)).graph
    calls = [str(node.target) for node in graph.nodes]
    assert sum('sigmoid' in call for call in calls) == 3  # E steps


@pytest.mark.parametrize(
    ('name', 'wrong'), [('temperature', 0.0), ('momentum', 1.0), ('iterations', -1)]
)
def test_constants_out_of_range_are_named(name, wrong):
    with pytest.raises(ValueError, match=f'`model.head.{name}` to be .*got {wrong}'):
        tiny_localizer({'type': 'CREAMHead', name: wrong})


def test_mixed_labels_are_named(generator):
    model = tiny_localizer(dict(type='CREAMHead')).train()
    inputs, _ = images_and_samples(generator, [0, 1])
    mixed = [DataSample().set_gt_score(torch.full((4,), 0.25)) for _ in range(2)]
    with pytest.raises(ValueError, match='model.train_cfg.augments'):
        model.loss(inputs, mixed)
