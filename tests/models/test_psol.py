"""PSOL's regressor: its loss by hand, where gradients go, what it has in place of maps."""

import pytest
import torch
from mmpretrain.structures import DataSample

from mmwsol.models import TenCropTTA
from mmwsol.models.need_maps import need_maps
from mmwsol.structures import Context
from tests.support.models import labels_to_samples, tiny_localizer

WIDTH, HEIGHT = 64, 32


@pytest.fixture
def psol():
    return tiny_localizer(dict(type='PSOLHead'))


def boxed(*boxes):
    samples = labels_to_samples(range(len(boxes)))
    for sample, box in zip(samples, boxes):
        sample.set_field(torch.tensor([box], dtype=torch.float64), 'gt_bboxes')
    return samples


def images(generator, count=2):
    return torch.rand(count, 3, HEIGHT, WIDTH, generator=generator)


def test_the_loss_by_hand(psol):
    for parameter in psol.head.parameters():
        parameter.data.zero_()
    # all weights 0: sides are sigmoid(0) = 0.5, and scores equal
    samples = boxed([16, 8, 48, 24], [0, 0, 64, 32])
    feats = (torch.ones(2, 64, 4, 8),)
    losses = psol.head.loss(feats, samples, Context(input_size=(HEIGHT, WIDTH)))
    # (x, y, w, h): (.25, .25, .5, .5) and (0, 0, 1, 1), so that of eight squares two are
    # .0625, two 0 and four .25
    assert float(losses['loss_box']) == pytest.approx(50 * (2 * 0.0625 + 4 * 0.25) / 8)
    assert float(losses['loss_cls']) == pytest.approx(torch.tensor(4.0).log().item())


def test_the_loss_as_slow_as_it_can_be(psol, generator):
    inputs = images(generator, 3)
    samples = boxed([3, 4, 40, 30], [0, 0, 10, 9], [60.5, 2, 64, 31])
    losses = psol.loss(inputs, samples)
    total = 0.0
    with torch.no_grad():
        last = psol.extract_feat(inputs)[-1]
        for feat, sample in zip(last, samples):
            x = psol.head.regressor[0](feat.flatten(1).mean(1)).clamp(min=0)
            found = 1 / (1 + torch.exp(-psol.head.regressor[2](x)))
            x0, y0, x1, y1 = sample.gt_bboxes[0].tolist()
            wanted = [x0 / 64, y0 / 32, (x1 - x0) / 64, (y1 - y0) / 32]
            for own, side in zip(found.tolist(), wanted):
                total += (own - side) ** 2
    assert float(losses['loss_box']) == pytest.approx(50 * total / 12, rel=1e-4)


def test_the_classifier_teaches_the_backbone_nothing(psol, generator):
    samples = boxed([3, 4, 40, 30], [0, 0, 10, 9])
    losses = psol.loss(images(generator), samples)
    losses['loss_cls'].backward()
    touched = {n for n, p in psol.named_parameters() if p.grad is not None}
    assert touched == {'head.classifier.weight', 'head.classifier.bias'}
    psol.zero_grad()
    psol.loss(images(generator), samples)['loss_box'].backward()
    touched = {n for n, p in psol.named_parameters() if p.grad is not None}
    assert 'backbone.conv1.weight' in touched
    assert not any(name.startswith('head.classifier') for name in touched)


def test_it_learns_a_box(psol, generator):
    inputs, samples = images(generator), boxed([0, 0, 32, 32], [32, 0, 64, 32])
    optimizer = torch.optim.Adam(psol.parameters(), lr=0.003)
    first = float(psol.loss(inputs, samples)['loss_box'].detach())
    for _ in range(30):
        optimizer.zero_grad()
        last = psol.loss(inputs, samples)['loss_box']
        last.backward()
        optimizer.step()
    assert float(last.detach()) < first / 10


def test_a_box_is_in_pixels_of_the_input_and_cut_to_it(psol):
    for parameter in psol.head.parameters():
        parameter.data.zero_()
    # x and y 1/2, width sigmoid(2) = .88: cut; height sigmoid(-2) = .119
    psol.head.regressor[2].bias.data = torch.tensor([0.0, 0.0, 2.0, -2.0])
    (sample,) = psol.eval().predict(torch.zeros(1, 3, HEIGHT, WIDTH))
    assert sample.pred_bboxes.shape == (1, 4)
    expected = torch.tensor([[32, 16, 64, 16 + 32 * 0.11920292]])
    torch.testing.assert_close(sample.pred_bboxes, expected)
    assert sample.pred_score.tolist() == [0.25] * 4
    assert 'pred_map' not in sample


def test_the_box_knows_no_class(psol, generator):
    inputs = images(generator)
    told = psol.eval().predict(inputs, labels_to_samples([3, 1]))
    for one, other in zip(told, psol.predict(inputs)):
        assert torch.equal(one.pred_bboxes, other.pred_bboxes)


@pytest.mark.parametrize('boxes', [None, torch.zeros(0, 4), torch.zeros(2, 4)])
def test_an_image_without_its_one_pseudo_box_is_refused(psol, generator, boxes):
    samples = labels_to_samples([0, 1])
    for sample in samples:
        del sample.gt_bboxes
        if boxes is not None:
            sample.set_field(boxes, 'gt_bboxes')
    with pytest.raises(ValueError, match='one pseudo box for each .*pseudo_boxes'):
        psol.loss(images(generator), samples)


def test_mixed_images_are_refused(psol, generator):
    samples = boxed([0, 0, 9, 9], [0, 0, 9, 9])
    for sample in samples:
        sample.set_gt_score(torch.full((4,), 0.25))
    with pytest.raises(ValueError, match='augments'):
        psol.loss(images(generator), samples)


def test_what_needs_maps_says_so(psol):
    with pytest.raises(ValueError, match='with maps, but PSOLHead predicts one box'):
        psol.head.maps((torch.ones(1, 64, 4, 8),), None)
    with pytest.raises(ValueError, match='maps for --save-maps, but PSOLHead'):
        need_maps(type(psol.head), '--save-maps')
    with pytest.raises(ValueError, match='maps for PC1, but PSOLHead'):
        tiny_localizer(dict(type='PSOLHead'), map_maker=dict(type='PC1'))


def test_ten_crops_keep_the_first_view_s_box():
    views = []
    for score, box in ((0.9, 1.0), (0.1, 2.0)):
        view = DataSample().set_pred_score(torch.tensor([score, 1 - score]))
        view.set_field(torch.full((1, 4), box), 'pred_bboxes')
        views.append(view)
    (merged,) = TenCropTTA.merge_preds(None, [views])
    assert merged.pred_bboxes.tolist() == [[1.0] * 4]
    assert merged.pred_score.tolist() == [0.5, 0.5]
