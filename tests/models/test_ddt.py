"""DDT: closed forms against slow restatements."""

import numpy as np
import pytest
import torch
from mmpretrain.structures import DataSample

from mmwsol.models import DDTHead
from mmwsol.models.heads.ddt_head import SHRINKAGE
from mmwsol.models.heads.moments import Moments
from tests.support.models import labels_to_samples


def features(generator, labels, channels=6, grid=5):
    """Background noise with an object of the class's own direction in the middle."""
    feat = torch.randn(len(labels), channels, grid, grid, generator=generator) / 4
    for image, label in zip(feat, labels):
        image[label, 1:4, 1:4] += 2 + label
    return feat


def fitted(feat, labels, batch=2, **options) -> DDTHead:
    classes = max(labels) + 1
    head = DDTHead(classes, feat.shape[1], **options)
    for at in range(0, len(labels), batch):
        own = labels_to_samples(labels[at : at + batch])
        head.observe((feat[at : at + batch],), own)
    head.solve()
    return head


def slow_projection(feat, chosen):
    """The first principal component by a decomposition of all places at once."""
    places = feat[chosen].permute(0, 2, 3, 1).reshape(-1, feat.shape[1]).double()
    mean = places.mean(0)
    _, values, directions = np.linalg.svd((places - mean).numpy(), full_matrices=False)
    deviation = values[0] / len(places) ** 0.5
    shown = (feat.permute(0, 2, 3, 1).double() - mean).numpy() @ directions[0]
    return shown / deviation


LABELS = [0, 1, 0, 1, 1, 0, 1]


@pytest.mark.parametrize('per_class', [True, False])
def test_maps_equal_the_projection_on_all_places(generator, per_class):
    feat = features(generator, LABELS)
    head = fitted(feat, LABELS, per_class=per_class, sharpness=1.5)
    maps = head.maps((feat,), None)
    assert maps.shape == (7, 2, 5, 5)
    for label in (0, 1):
        chosen = [i for i, own in enumerate(LABELS) if own == label or not per_class]
        expected = slow_projection(feat, chosen)
        border = np.ones((5, 5), bool)
        border[1:-1, 1:-1] = False
        if expected[chosen][:, border].mean() > 0:
            expected = -expected
        expected = np.tanh(np.maximum(0, 1.5 * expected))
        np.testing.assert_allclose(maps[:, label].detach(), expected, atol=1e-4)
    # the object is where it was put, the border is 0 or nearly so
    own = maps[range(7), LABELS].detach()
    assert own[:, 1:4, 1:4].mean() > 0.5 > 5 * own[:, 0].mean()


def test_a_component_by_hand():
    # places (0, 0), the border's but for two, and (4, 0): mean and variance by hand
    feat = torch.zeros(1, 2, 4, 4)
    feat[0, 0, 1:3, 1:3] = 4
    head = fitted(feat.repeat(2, 1, 1, 1), [0, 0])
    deviation = (4 * (4 - 1) ** 2 / 16 + 12 * 1 / 16) ** 0.5
    expected = torch.zeros(4, 4)
    expected[1:3, 1:3] = np.tanh(3 / deviation)
    torch.testing.assert_close(head.maps((feat,), None)[0, 0], expected)


def test_neither_order_nor_batches_matter(generator):
    feat = features(generator, LABELS)
    first = fitted(feat, LABELS)
    turned = fitted(feat.flip(0), LABELS[::-1], batch=3)
    for one, other in zip(first.parameters(), turned.parameters()):
        torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-3)


def test_processes_add_up_what_they_saw(generator, monkeypatch):
    feat = features(generator, LABELS)
    labels = [torch.tensor([label]) for label in LABELS]
    halves = [Moments(2, 6, True, feat.device) for _ in range(2)]
    halves[0].add(feat[:3], labels[:3])
    halves[1].add(feat[3:], labels[3:])
    others = iter([sums.clone() for sums in vars(halves[1]).values()])
    monkeypatch.setattr(
        'mmwsol.models.heads.moments.all_reduce',
        lambda sums, how: sums.add_(next(others)) if how == 'sum' else None,
    )
    halves[0].gather()
    whole = Moments(2, 6, True, feat.device)
    whole.add(feat, labels)
    for one, other in zip(vars(halves[0]).values(), vars(whole).values()):
        torch.testing.assert_close(one, other)


def test_scores_are_discriminant_analysis(generator):
    labels = LABELS + [2, 2]
    feat = features(generator, labels)
    head = fitted(feat, labels)
    pooled = feat.mean((2, 3)).double()
    of = torch.tensor(labels)
    means = torch.stack([pooled[of == k].mean(0) for k in range(3)])
    rest = pooled - means[of]
    within = rest.T @ rest / len(labels)
    within += SHRINKAGE * within.trace() / 6 * torch.eye(6)
    distances = torch.stack(
        [((pooled - m) @ torch.linalg.inv(within) * (pooled - m)).sum(1) for m in means]
    )
    share = torch.bincount(of) / len(labels)
    expected = (share.log() - distances.T / 2).softmax(1)
    scores = head.logits((feat,)).softmax(1)
    torch.testing.assert_close(scores.double(), expected, atol=1e-4, rtol=1e-3)


def test_several_labels_of_an_image(generator):
    feat = features(generator, [0, 1, 1, 0])
    head = DDTHead(3, 6, multi_label=True)
    samples = [DataSample().set_gt_label(own) for own in ([0], [1, 2], [1], [0, 2])]
    head.observe((feat,), samples)
    head.solve()
    assert torch.isfinite(head.logits((feat,))).all()
    scores = head.logits((feat,)).sigmoid()
    assert scores[0, 0] > scores[0, 1]
    assert scores[2, 1] > scores[2, 0]


def test_a_border_that_says_nothing_is_said(generator):
    feat = torch.randn(4, 6, 9, 9, generator=generator)
    with pytest.warns(UserWarning, match='looks like their middle'):
        fitted(feat, [0, 0, 1, 1])


@pytest.mark.parametrize(
    ('feat', 'labels', 'said'),
    [
        (torch.rand(2, 3, 4, 4), [1, 1], 'none of class 0'),
        (torch.ones(2, 3, 4, 4), [0, 1], 'all of one colour'),
    ],
)
def test_what_cannot_be_fitted(feat, labels, said):
    with pytest.raises(ValueError, match=said):
        fitted(feat, labels)


def test_it_has_no_loss_and_needs_images():
    head = DDTHead(2, 3)
    with pytest.raises(ValueError, match='FitLoop'):
        head.loss((torch.rand(1, 3, 2, 2),), [], None)
    with pytest.raises(ValueError, match='got none'):
        head.solve()
