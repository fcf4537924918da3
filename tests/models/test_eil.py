"""Erasing integrated learning: what is erased, what the erased pass teaches."""

import copy

import pytest
import torch
import torch.nn.functional as F
from mmpretrain.structures import DataSample

from mmwsol.models import Localizer, TapVGG
from mmwsol.models.heads.eil_head import less_active
from tests.support.models import images_and_samples, like_cam, tiny_localizer

MEIL = dict(erased_weight=0.5, deep_weight=0.25, gamma=0.8)


def eil(**head):
    return tiny_localizer({'type': 'EILHead', **head})


def test_what_is_erased_by_hand():
    # means over the channels: 1, 3, 7, 10; 0.7 x 10 = 7 is not below itself
    feat = torch.tensor([[[[0.0, 2.0, 7.0, 8.0]], [[2.0, 4.0, 7.0, 12.0]]]])
    assert less_active(feat, 0.7).tolist() == [[[[True, True, False, False]]]]
    assert less_active(feat, 0.71).tolist() == [[[[True, True, True, False]]]]


def test_squares_are_erased_whole_by_their_maximum():
    # pooled: 4, 10; 4 < 0.7 x 10; the fifth column and third row are not pooled
    feat = torch.tensor([[[[0.0, 4, 0, 0, 9], [1, 1, 10, 0, 9], [9, 9, 9, 9, 9]]]])
    kept = less_active(feat, 0.7, pool_size=2)
    row = [True, True, False, False, True]
    assert kept.tolist() == [[[row, row, [True] * 5]]]


def test_a_feature_without_activity_is_left_alone():
    zero = torch.zeros(1, 2, 4, 4)
    assert not (zero * less_active(zero, 0.7)).any()


def test_a_value_below_zero_is_as_active_as_one_above():
    # a linear layer's: means of sizes are 4, 1, 2
    feat = torch.tensor([[[[-5.0, 1.0, 2.0]], [[3.0, -1.0, -2.0]]]])
    assert less_active(feat, 0.7).tolist() == [[[[False, True, True]]]]
    assert less_active(feat, 0.5).tolist() == [[[[False, True, False]]]]


def test_erasing_before_vggs_fourth_pool_is_erasing_behind_it(generator):
    backbone = TapVGG(11).eval()
    images = torch.rand(2, 3, 64, 64, generator=generator)
    with torch.no_grad():
        tap, _ = backbone(images)
        pooled = F.max_pool2d(tap, 2)
        erased = pooled * less_active(pooled, 0.9)
        ours = tap * less_active(tap, 0.9, pool_size=2)
    assert not torch.equal(erased, pooled)
    assert torch.equal(F.max_pool2d(ours, 2), erased)
    with torch.no_grad():
        behind = backbone.features[backbone._pool4 + 1 :](erased)
        assert torch.equal(backbone.tail(ours), behind)


def test_losses_equal_a_slow_restatement(generator):
    model = eil(**MEIL).train()
    model.backbone.eval()  # so that all passes see the same statistics
    model.head.classifier.weight.data.normal_(std=0.3, generator=generator)
    labels = [2, 0, 1]
    inputs, samples = images_and_samples(generator, labels)
    losses = model.loss(inputs, samples)
    terms = dict.fromkeys(losses, 0.0)
    assert list(terms) == ['loss_cls', 'loss_erased', 'loss_erased_deep']
    erased = 0

    def cross_entropy(deep, y):
        scores = model.head.classifier(deep)[0].mean((1, 2))
        return -float(scores.log_softmax(0)[y]) / 3

    for image, y in zip(inputs, labels):
        with torch.no_grad():
            tap, deep = model.backbone(image[None])
            less = tap.clone()
            means = F.max_pool2d(tap, 2).mean(1)[0]
            for i, j in torch.cartesian_prod(torch.arange(4), torch.arange(4)):
                if means[i, j] >= 0.8 * means.max():
                    less[..., 2 * i : 2 * i + 2, 2 * j : 2 * j + 2] = 0
                    erased += 1
            deeper = deep.clone()
            means = deep.mean(1)[0]
            deeper[0, :, means >= 0.8 * means.max()] = 0
            terms['loss_cls'] += cross_entropy(deep, y)
            terms['loss_erased'] += 0.5 * cross_entropy(model.backbone.tail(less), y)
            terms['loss_erased_deep'] += 0.25 * cross_entropy(deeper, y)
    assert 0 < erased < 3 * 16
    for name, value in terms.items():
        assert float(losses[name]) == pytest.approx(value, rel=1e-4), name


def test_the_erased_pass_teaches_all_layers_and_the_mask_none(generator):
    inputs, samples = images_and_samples(generator, [0, 1])
    model = eil(gamma=0.8).train()
    model.loss(inputs, samples)['loss_erased'].backward()
    assert all(p.grad is not None for p in model.parameters())
    ours = model.backbone.conv1.weight.grad.clone()
    # the same with places that are told, not compared
    model = eil(gamma=0.8).train()
    tap, _ = model.backbone(inputs)
    kept = less_active(tap, 0.8, 2)
    scores = model.head.logits((model.tail(tap * kept.float().detach()),))
    F.cross_entropy(scores, torch.tensor([0, 1])).backward()
    torch.testing.assert_close(model.backbone.conv1.weight.grad, ours)


def test_the_clean_pass_alone_moves_batch_norm(generator):
    inputs, samples = images_and_samples(generator, [0, 1])
    model = eil(**MEIL).train()
    cam = like_cam(model).train()
    for m in (model, cam):
        m.loss(inputs, samples)
    for name, ours in model.backbone.named_buffers():
        assert torch.equal(ours, cam.backbone.get_buffer(name)), name


def test_switched_off_it_is_cam(generator):
    model = eil(erased_weight=0.0).train()
    cam = like_cam(model).train()
    inputs, samples = images_and_samples(generator, [1, 3])
    gradients = []
    for m in (model, cam):
        losses = m.loss(inputs, samples)
        assert list(losses) == ['loss_cls']
        losses['loss_cls'].backward()
        gradients.append(
            (losses['loss_cls'], *(p.grad for _, p in sorted(m.named_parameters())))
        )
    assert all(map(torch.equal, *gradients))


def test_evaluation_is_cams(generator):
    model = eil(**MEIL).eval()
    cam = like_cam(model).eval()
    inputs, samples = images_and_samples(generator, [1, 3])
    with torch.no_grad():
        ours = [m.pred_map.clone() for m in model.predict(inputs, samples)]
        theirs = [m.pred_map for m in cam.predict(inputs, samples)]
    assert all(map(torch.equal, ours, theirs))


def test_mixed_and_several_labels_are_learned_from(generator):
    inputs, samples = images_and_samples(generator, [0, 1])
    mixed = [DataSample().set_gt_score(torch.full((4,), 0.25)) for _ in range(2)]
    losses = eil(**MEIL).train().loss(inputs, mixed)
    assert all(torch.isfinite(loss) for loss in losses.values())
    several = [DataSample().set_gt_label([0, 2]), DataSample().set_gt_label([1])]
    losses = eil(multi_label=True, **MEIL).train().loss(inputs, several)
    assert all(torch.isfinite(loss) for loss in losses.values())


def test_what_cannot_be_is_named():
    with pytest.raises(ValueError, match='`tail`, such as TapResNet, for EILHead'):
        Localizer(
            backbone=dict(type='ResNet', depth=18, out_indices=(2, 3)),
            head=dict(type='EILHead', num_classes=4, in_channels=512),
        )
    with pytest.raises(ValueError, match='model.head.gamma.*above 0.*got 1.5'):
        eil(gamma=1.5)
    with pytest.raises(ValueError, match='model.head.pool_size.*got 0'):
        eil(pool_size=0)


def test_a_second_step_follows_the_first(generator):
    """Copies of buffers do not stay in the model."""
    model = eil().train()
    before = copy.deepcopy(model.backbone.layer4.state_dict())
    inputs, samples = images_and_samples(generator, [0, 1])
    for _ in range(2):
        sum(model.loss(inputs, samples).values()).backward()
    name = '0.bn1.num_batches_tracked'
    assert model.backbone.layer4.state_dict()[name] == before[name] + 2
