"""Background activation suppression: its losses, its gradients, its maps."""

import copy

import pytest
import torch
import torch.nn.functional as F
from mmpretrain.structures import DataSample

from mmwsol.models import Localizer
from mmwsol.models.losses import SuppressionLoss, suppression_loss
from tests.support.models import images_and_samples, like_cam, tiny_localizer


def bas(**head):
    return tiny_localizer(
        {'type': 'BASHead', **head}, dict(type='ForegroundGenerator', num_maps=4)
    )


def test_suppression_by_hand():
    # y = 0: relu(1) / relu(4) = .25; y = 1: 3 > 1 is saturated; y = 0: relu(-2) / 1 = 0
    scores = torch.tensor([[4.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    background = torch.tensor([[1.0, 9.0], [9.0, 3.0], [-2.0, 0.0]], requires_grad=True)
    labels = torch.tensor([0, 1, 0])
    for saturated, total in ((1.0, 1.25), (0.0, 0.25)):
        loss = suppression_loss(scores, background, labels, saturated)
        assert float(loss) == pytest.approx(total / 3)
    loss = SuppressionLoss(loss_weight=3.0)(scores, background, labels)
    loss.backward()
    # d/dS_bg = 3 / 3 x 1 / 4 where neither saturated nor below zero
    expected = torch.tensor([[0.25, 0.0], [0.0, 0.0], [0.0, 0.0]])
    torch.testing.assert_close(background.grad, expected)


def test_suppression_of_a_class_without_a_score_is_finite():
    zero = torch.zeros(1, 2, dtype=torch.float16)
    rest = zero.clone().requires_grad_()
    loss = suppression_loss(zero, rest, torch.tensor([0]))
    loss.backward()
    assert loss == 0
    assert rest.grad.isfinite().all()


@pytest.mark.parametrize(
    ('rectified', 'saturated', 'alpha', 'beta'),
    [(False, 1.0, 0.5, 1.5), (True, 0.0, 0.5, 1.2)],
)
def test_losses_equal_a_slow_restatement(generator, rectified, saturated, alpha, beta):
    model = bas(
        rectified=rectified,
        foreground_weight=alpha,
        area_weight=beta,
        loss_suppression=dict(type='SuppressionLoss', saturated=saturated),
    ).train()
    model.backbone.eval()  # so that both passes see the same statistics
    model.head.classifier.weight.data.normal_(std=0.3, generator=generator)
    labels = [2, 0, 2, 1]
    inputs, samples = images_and_samples(generator, labels)
    losses = model.loss(inputs, samples)
    terms = dict.fromkeys(losses, 0.0)
    kinds = set()
    tail = copy.deepcopy(model.backbone)
    for image, y in zip(inputs, labels):
        with torch.no_grad():
            tap, deep = model.backbone(image[None])
            conv = model.neck.generator
            m = F.conv2d(tap, conv.weight, conv.bias, padding=1).sigmoid()[0, y]
            maps = model.head.classifier(deep)[0]
            erased = model.head.classifier(tail.tail(tap * (1 - m)))[0]
        if rectified:
            maps, erased = maps.relu(), erased.relu()
        s, s_bg = maps.mean((1, 2)), erased.mean((1, 2))
        s_fg = torch.stack(
            [
                sum(
                    k[i, j] * m[2 * i : 2 * i + 2, 2 * j : 2 * j + 2].mean() / 16
                    for i in range(4)
                    for j in range(4)
                )
                for k in maps
            ]
        )
        whole, rest = max(float(s[y]), 0.0), max(float(s_bg[y]), 0.0)
        kinds.add(rest > whole)
        ratio = saturated if rest > whole else rest / (whole + 1e-8)
        terms['loss_cls'] -= float(s.log_softmax(0)[y]) / 4
        terms['loss_foreground'] -= alpha * float(s_fg.log_softmax(0)[y]) / 4
        terms['loss_suppression'] += ratio / 4
        terms['loss_area'] += beta * float(m.mean()) / 4
    assert kinds == {True, False}  # images on both sides of the saturation
    for name, value in terms.items():
        assert float(losses[name]) == pytest.approx(value, rel=1e-4, abs=1e-5), name


def test_suppression_trains_the_generator_and_nothing_else(generator):
    model = bas(foreground_weight=0).train()
    model.head.classifier.weight.data.abs_()
    model.head.classifier.bias.data.fill_(1.0)  # every class has a score to lose
    model.loss(*images_and_samples(generator, [0, 1, 2]))['loss_suppression'].backward()
    trained = {n for n, p in model.named_parameters() if p.grad is not None}
    # the map's own convolution reads the live tap, as in the paper
    assert 'neck.generator.weight' in trained
    assert model.neck.generator.weight.grad.any()
    assert not any(n.startswith(('head', 'backbone.layer4')) for n in trained)


def test_clean_pass_alone_moves_batch_norm(generator):
    inputs, samples = images_and_samples(generator, [0, 1])
    model = bas().train()
    cam = like_cam(model).train()
    for m in (model, cam):
        m.loss(inputs, samples)
    for (name, ours), theirs in zip(
        model.backbone.named_buffers(), cam.backbone.buffers()
    ):
        torch.testing.assert_close(ours, theirs, msg=name)


def test_switched_off_it_learns_what_cam_learns(generator):
    off = dict(type='SuppressionLoss', loss_weight=0.0)
    model = bas(foreground_weight=0, area_weight=0, loss_suppression=off).train()
    cam = like_cam(model).train()
    # CAM averages its maps, BAS makes them of averages
    model, cam = model.double(), cam.double()
    inputs, samples = images_and_samples(generator, [1, 3])
    inputs = inputs.double()
    gradients = []
    for m in (model, cam):
        total = sum(m.loss(inputs, samples).values())
        total.backward()
        gradients.append(
            (total, m.head.classifier.weight.grad, m.backbone.conv1.weight.grad)
        )
    for ours, theirs in zip(*gradients):
        torch.testing.assert_close(ours, theirs)


def test_evaluated_map_is_the_mean_over_the_top_classes(generator):
    model = bas(map_classes=2).eval()
    model.neck.generator.weight.data.normal_(generator=generator)
    inputs, samples = images_and_samples(generator, [0, 1, 2])
    feats = model.extract_feat(inputs)
    logits, every = model.head.logits(feats), model.head.maps(feats, None)
    for i, sample in enumerate(model.head.predict(feats, samples)):
        top = logits[i].argsort(descending=True)[:2]
        torch.testing.assert_close(sample.pred_map[0], every[i, top].mean(0))


def test_a_missing_tail_and_mixed_labels_are_named(generator):
    with pytest.raises(
        ValueError, match='`tail`, such as TapResNet, for BASHead.*ResNet'
    ):
        Localizer(
            backbone=dict(type='ResNet', depth=18, out_indices=(2, 3)),
            neck=dict(type='ForegroundGenerator', in_channels=(256, 512)),
            head=dict(type='BASHead', num_classes=4, in_channels=1024),
        )
    model = bas()
    inputs, _ = images_and_samples(generator, [0, 1])
    mixed = [DataSample().set_gt_score(torch.full((4,), 0.25)) for _ in range(2)]
    with pytest.raises(ValueError, match='model.train_cfg.augments'):
        model.loss(inputs, mixed)
