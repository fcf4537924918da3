"""Adversarial complementary learning: what the second classifier sees, and the two maps."""

import pytest
import torch
import torch.nn.functional as F

from mmwsol.models import ACoLHead
from mmwsol.structures import Twin
from tests.support.models import (
    images_and_samples,
    labels_to_samples,
    like_cam,
    tiny_localizer,
)

TWINS = dict(type='TwinConvs', num_convs=1, hidden_channels=64)


def acol(neck=TWINS, **head):
    model = tiny_localizer({'type': 'ACoLHead', **head}, neck)
    for part in (model.head, model.neck):
        for weight in part.parameters():
            weight.data.normal_(std=0.1)
    return model


def test_two_maps_by_hand():
    head = ACoLHead(num_classes=2, in_channels=1, erase_above=0.5)
    head.classifier.weight.data = torch.tensor([2.0, -1.0])[:, None, None, None]
    head.second_classifier.weight.data = torch.tensor([1.0, 3.0])[:, None, None, None]
    for conv in (head.classifier, head.second_classifier):
        conv.bias.data.zero_()
    deep = torch.tensor([[[[0.0, 1.0, 2.0, 4.0]]]])
    feats = Twin(deep, lambda feat: feat + 1, deep)
    # class 0: A is F / 4 = (0, 1/4, 1/2, 1), of which 1/2 and 1 are erased; B reads
    # (0, 1, 0, 0) + 1, from 0 to 1: (0, 1, 0, 0)
    # class 1: A is (1, 3/4, 1/2, 0), of which 1, 3/4 and 1/2 are erased; B reads
    # (0, 0, 0, 4) + 1: (0, 0, 0, 1)
    expected = torch.tensor([[[[0.0, 1.0, 0.5, 1.0]], [[1.0, 0.75, 0.5, 1.0]]]])
    torch.testing.assert_close(head.maps(feats, None), expected)
    for k in (0, 1):  # each class's own evidence is erased, whatever else is asked for
        own = head.maps(feats, torch.tensor([[k]]))
        torch.testing.assert_close(own, expected[:, k : k + 1])
    assert head.logits(feats).tolist() == [[3.5, -1.75]]  # A's alone


def test_losses_and_maps_equal_a_slow_restatement(generator):
    model = acol().train()
    model.backbone.eval()  # so that images do not depend on each other
    inputs, samples = images_and_samples(generator)
    losses = model.loss(inputs, samples)
    model.eval()
    first, second = model.neck.hidden[0], model.neck.second.hidden[0]
    total_a = total_b = 0.0
    for image, sample in zip(inputs, samples):
        y = int(sample.gt_label)
        with torch.no_grad():
            found = model.head.predict(
                model.extract_feat(image[None]), labels_to_samples([y])
            )
            deep = model.backbone(image[None])[-1]
            hidden = F.conv2d(deep, first.weight, first.bias, padding=1).relu()
            maps_a = model.head.classifier(hidden)[0]
            a = maps_a[y]
            attention = (a - a.min()) / (a.max() - a.min())
            erased = deep.clone()
            for i in range(4):
                for j in range(4):
                    if attention[i, j] >= 0.7:
                        erased[0, :, i, j] = 0
            hidden = F.conv2d(erased, second.weight, second.bias, padding=1).relu()
            maps_b = model.head.second_classifier(hidden)[0]
            b = maps_b[y]
            b = (b - b.min()) / (b.max() - b.min())
        total_a -= float(maps_a.mean((1, 2)).log_softmax(0)[y]) / 3
        total_b -= float(maps_b.mean((1, 2)).log_softmax(0)[y]) / 3
        expected = torch.stack([attention, b]).amax(0)
        torch.testing.assert_close(found[0].pred_map[0], expected, atol=1e-4, rtol=1e-4)
    assert float(losses['loss_cls']) == pytest.approx(total_a, rel=1e-4)
    assert float(losses['loss_rest']) == pytest.approx(total_b, rel=1e-4)


def test_the_second_loss_trains_its_branch_and_the_backbone_not_the_first(generator):
    model = acol().train()
    model.loss(*images_and_samples(generator))['loss_rest'].backward()
    trained = {
        n for n, p in model.named_parameters() if p.grad is not None and p.grad.any()
    }
    assert {'head.second_classifier.weight', 'neck.second.hidden.0.weight'} <= trained
    assert 'backbone.conv1.weight' in trained
    assert not any(n.startswith(('head.classifier', 'neck.hidden')) for n in trained)


def test_what_is_erased_teaches_nothing(generator):
    model = acol(neck=dict(type='TwinConvs')).train()
    deep = torch.rand(2, 64, 4, 4, generator=generator, requires_grad=True)
    feats = Twin(deep, model.neck.second.refine, deep.detach())
    losses = model.head.loss(feats, labels_to_samples([1, 2]), None)
    losses['loss_rest'].backward()
    maps = model.head.classifier(deep.detach())[[0, 1], [1, 2]]
    low, high = maps.amin((1, 2), True), maps.amax((1, 2), True)
    erased = (maps - low) / (high - low) >= 0.7
    assert erased.any()
    assert torch.equal(deep.grad.any(1), ~erased)


def test_its_classes_are_cams_bit_for_bit(generator):
    model = acol(neck=dict(type='TwinConvs'))
    cam = like_cam(model)
    inputs, samples = images_and_samples(generator)
    ours, theirs = (m.train().loss(inputs, samples)['loss_cls'] for m in (model, cam))
    assert torch.equal(ours, theirs)
    with torch.no_grad():
        ours, theirs = (m.eval().predict(inputs, samples) for m in (model, cam))
    for one, other in zip(ours, theirs):
        assert torch.equal(one.pred_score, other.pred_score)


def test_thresholded_pooling_is_that_of_both_classifiers(generator):
    inputs, samples = images_and_samples(generator)
    plain, own = (
        acol(pool_above=above).train().loss(inputs, samples) for above in (None, 0.1)
    )
    assert own.keys() == plain.keys()
    assert all(own[name] != plain[name] for name in own)


def test_parts_that_do_not_fit_are_named(generator):
    with pytest.raises(ValueError, match='be TwinConvs for ACoLHead, but got None'):
        tiny_localizer(dict(type='ACoLHead'))
    with pytest.raises(ValueError, match='another than TwinConvs for CAMHead'):
        tiny_localizer(dict(type='CAMHead'), TWINS)
    for wrong in (0, 1.5):
        with pytest.raises(ValueError, match=r'`model.head.erase_above`.*got'):
            tiny_localizer(dict(type='ACoLHead', erase_above=wrong), TWINS)
