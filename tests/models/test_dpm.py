"""Diverse complementary parts: maps, importance, losses."""

import math

import pytest
import torch
from torch import nn

from mmwsol.models import DPMHead
from mmwsol.models.losses import scatter_loss
from tests.support.models import labels_to_samples, like_cam, tiny_localizer


def batch(generator, labels=(0, 3, 1)):
    inputs = torch.rand(len(labels), 3, 64, 64, generator=generator)
    return inputs, labels_to_samples(labels)


def test_scatter_by_hand():
    # one row, places at 1/8, 3/8, 5/8, 7/8; all in one place: 0; the two ends, whose
    # middle is 1/2: (3/8)^2 = 9/64
    parts = torch.tensor([[[0.0, 1.0, 0.0, 0.0], [0.5, 0.0, 0.0, 0.5]]])
    assert float(scatter_loss(parts, (1, 4))) == pytest.approx(9 / 128, abs=1e-6)
    # columns as well as rows: two places one column apart of two, middle at 1/4 of a side
    square = torch.tensor([[[0.5, 0.5, 0.0, 0.0]]])
    assert float(scatter_loss(square, (2, 2))) == pytest.approx(1 / 16, abs=1e-6)


def test_parts_by_hand():
    head = DPMHead(num_classes=2, in_channels=2, num_parts=2)
    # a place's channels are how much it is the first and the second part; none is 0
    head.parts.weight.data = torch.eye(3, 2)[..., None, None]
    nn.init.zeros_(head.parts.bias)
    head.importance.weight.data = torch.tensor([[1.0, 0.0]])
    nn.init.zeros_(head.importance.bias)
    log2 = math.log(2)
    feat = torch.tensor([[[[log2, 0.0]], [[0.0, 2 * log2]]]])
    parts = head.found(feat)
    # 2, 1, 1 of 4 in the first place and 1, 4, 1 of 6 in the second
    expected = torch.tensor([[[1 / 2, 1 / 6]], [[1 / 4, 4 / 6]]])
    torch.testing.assert_close(parts.maps[0], expected)
    torch.testing.assert_close(parts.looks[0, 0], torch.tensor([3 / 4, 1 / 4]))
    torch.testing.assert_close(parts.looks[0, 1], torch.tensor([3 / 11, 8 / 11]))
    # first channels of the embeddings are 3/4 log 2 and 3/11 log 2
    odds = 2 ** (3 / 4 - 3 / 11)
    assert float(parts.importance[0, 0]) == pytest.approx(odds / (1 + odds))
    torch.testing.assert_close(
        head.maps((feat,), None)[0, 1], torch.tensor([[3 / 4, 5 / 6]])
    )


def test_losses_equal_a_slow_restatement(generator):
    own = dict(diversity_weight=0.7, compactness_weight=1.3, area_weight=0.4)
    model = tiny_localizer(
        {'type': 'DPMHead', 'num_parts': 3, 'area_share': 0.9, **own}
    )
    head = model.head.train()
    for weight in (head.classifier.weight, head.parts.weight, head.importance.weight):
        weight.data.normal_(std=0.3, generator=generator)
    labels = [2, 0]
    feat = torch.rand(2, 64, 3, 4, generator=generator)
    with torch.no_grad():
        losses = head.loss((feat,), labels_to_samples(labels), None)
    terms = dict.fromkeys(losses, 0.0)
    places = [((i // 4 + 0.5) / 3, (i % 4 + 0.5) / 4) for i in range(12)]
    covered = 0.0
    for x, y in zip(feat.flatten(2), labels):
        likes = head.parts.weight.flatten(1) @ x + head.parts.bias[:, None]
        maps = likes.softmax(0)[:3]
        covered += float(maps.sum()) / 24
        looks = [row / row.sum() for row in maps]
        embedded = [sum(a * z for a, z in zip(row, x.T)) for row in looks]
        raised = [math.exp(float(head.importance(f))) for f in embedded]
        mixed = sum(r / sum(raised) * f for r, f in zip(raised, embedded))
        s = head.classifier.weight.flatten(1) @ mixed + head.classifier.bias
        terms['loss_cls'] -= float(s.log_softmax(0)[y]) / 2
        for p, q in ((0, 1), (0, 2), (1, 2)):
            common = sum((looks[p] * looks[q]).sqrt())
            terms['loss_diversity'] += 0.7 * float(common) / 6
        for row in looks:
            middle = [sum(float(a) * r[d] for a, r in zip(row, places)) for d in (0, 1)]
            terms['loss_compactness'] += (
                1.3
                / 6
                * sum(float(a) * math.dist(r, middle) ** 2 for a, r in zip(row, places))
            )
    terms['loss_area'] = 0.4 * abs(covered - 0.9)
    for name, value in terms.items():
        assert float(losses[name]) == pytest.approx(value, rel=1e-4), name


@pytest.mark.parametrize(
    ('term', 'learning'),
    [
        ('loss_area', {'parts'}),
        ('loss_diversity', {'parts'}),
        ('loss_compactness', {'parts'}),
        ('loss_cls', {'parts', 'importance', 'classifier'}),
    ],
)
def test_what_each_term_teaches(generator, term, learning):
    model = tiny_localizer(dict(type='DPMHead')).train()
    for parameter in model.head.parameters():
        parameter.data.normal_(std=0.1, generator=generator)
    model.loss(*batch(generator))[term].backward()
    found = {
        name.split('.')[0]
        for name, p in model.head.named_parameters()
        if p.grad is not None and p.grad.any()
    }
    assert found == learning


def test_parts_that_are_everywhere_alike_are_cam(generator):
    model = tiny_localizer(dict(type='DPMHead'))
    nn.init.zeros_(model.head.parts.weight)
    cam = like_cam(model)
    inputs, _ = batch(generator)
    with torch.no_grad():
        for m in (model.double(), cam.double()):
            m.eval()
        # but for the rounding of part maps to single precision
        torch.testing.assert_close(
            model(inputs.double()), cam(inputs.double()), rtol=1e-5, atol=1e-6
        )


def test_a_part_that_is_nowhere_and_one_part_stay_finite(generator):
    for count in (1, 3):
        head = DPMHead(num_classes=3, in_channels=5, num_parts=count)
        head.parts.bias.data[0] = -300.0
        feat = torch.rand(2, 5, 2, 2, generator=generator, requires_grad=True)
        losses = head.loss((feat,), labels_to_samples([0, 1]), None)
        sum(losses.values()).backward()
        assert all(loss.isfinite() for loss in losses.values())
        assert feat.grad.isfinite().all()
        assert all(p.grad.isfinite().all() for p in head.parameters())
