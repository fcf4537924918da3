"""Background-aware CAM: aggregators, stagger loss, gradient maps."""

import math

import pytest
import torch
from mmpretrain.structures import DataSample

from mmwsol.models import BCAMHead, StaggerLoss
from mmwsol.models.heads.bcam_head import places
from mmwsol.models.heads.class_maps import pooled
from mmwsol.models.losses import StaggerScores
from mmwsol.structures import Context
from tests.support.models import labels_to_samples, like_cam, tiny_localizer


def bcam_head(generator, num_heads=3, **kwargs):
    """A head of 3 classes on 5 channels whose aggregators have something to say."""
    head = BCAMHead(num_classes=3, in_channels=5, num_heads=num_heads, **kwargs)
    for parameter in head.parameters():
        parameter.data.normal_(generator=generator)
    return head


def bcam(**head):
    return tiny_localizer({'type': 'BCAMHead', 'num_heads': 4, **head})


def test_aggregation_by_hand():
    # one head, three places with activity ln 1, ln 2, ln 1: shares 1/4, 1/2, 1/4
    activity = torch.tensor([[[[0.0, math.log(2), 0.0]]]])
    share = places(activity)
    torch.testing.assert_close(share, torch.tensor([[0.25, 0.5, 0.25]]))
    # a second head prefers the first place 2 : 1 : 1; the shares are averaged
    both = torch.cat([activity, torch.tensor([[[[math.log(2), 0.0, 0.0]]]])], 1)
    torch.testing.assert_close(places(both), torch.tensor([[0.375, 0.375, 0.25]]))
    # feature 4, 8, 0: 1 + 4 + 0 = 5; weight 2, bias -1: 9
    classifier = torch.nn.Conv2d(1, 1, 1)
    torch.nn.init.constant_(classifier.weight, 2.0)
    torch.nn.init.constant_(classifier.bias, -1.0)
    feat = torch.tensor([[[[4.0, 8.0, 0.0]]]])
    assert pooled(classifier, feat, share).item() == pytest.approx(9.0)


def test_stagger_loss_by_hand():
    # one image of class 0 of 2; M is the mean over classes of
    # softplus(-s) where the target is 1 and of softplus(s) where it is 0
    def softplus(v):
        return math.log(1 + math.exp(v))

    scores = StaggerScores(
        object_foreground=torch.zeros(1, 2),  # the head's business
        background_foreground=torch.tensor([[1.0, 2.0]]),  # targets 0, 1
        background_background=torch.tensor([[-1.0, 0.5]]),  # targets 1, 1
        object_background=torch.tensor([[0.3, -2.0]]),  # targets 0, 0
    )
    terms = StaggerLoss(2.0, 3.0, 5.0)(scores, torch.tensor([[1.0, 0.0]]))
    expected = dict(
        loss_background_foreground=2 * (softplus(1) + softplus(-2)) / 2,
        loss_background_background=3 * (softplus(1) + softplus(-0.5)) / 2,
        loss_object_background=5 * (softplus(0.3) + softplus(-2)) / 2,
    )
    assert {k: float(v) for k, v in terms.items()} == pytest.approx(expected)


def test_losses_equal_a_slow_restatement(generator):
    head = bcam_head(
        generator, loss_stagger=dict(type='StaggerLoss', object_weight=0.2)
    )
    feat = torch.rand(2, 5, 3, 4, generator=generator)
    losses = head.loss((feat,), labels_to_samples([2, 0]), Context())
    expected = dict.fromkeys(losses, 0.0)
    for image, y in zip(feat, (2, 0)):
        vectors = {}
        for name in ('foreground', 'background'):
            conv = getattr(head, f'{name}_aggregator')
            vectors[name] = torch.zeros(5)
            for h in range(3):
                activity = (
                    sum(conv.weight[h, c, 0, 0] * image[c] for c in range(5))
                    + conv.bias[h]
                )
                share = activity.exp() / activity.exp().sum()
                vectors[name] += (share * image).sum((1, 2)) / 3
        s_ff, s_bf, s_fb, s_bb = (
            classifier.weight[:, :, 0, 0] @ vectors[region] + classifier.bias
            for classifier in (head.classifier, head.background_classifier)
            for region in ('foreground', 'background')
        )
        expected['loss_cls'] -= s_ff.log_softmax(0)[y] / 2
        for k in range(3):
            wants = float(k != y)
            sigmoid = s_fb[k].sigmoid()
            expected['loss_background_foreground'] -= (
                wants * sigmoid.log() + (1 - wants) * (1 - sigmoid).log()
            ) / 6
            expected['loss_background_background'] -= s_bb[k].sigmoid().log() / 6
            expected['loss_object_background'] -= 0.2 * (-s_bf[k]).sigmoid().log() / 6
    for name, value in expected.items():
        assert float(losses[name]) == pytest.approx(float(value), rel=1e-4), name


@pytest.mark.parametrize('rule', ['gradient', 'positive_gradient', 'feature'])
@pytest.mark.parametrize('score', ['contrast', 'object'])
def test_gradient_maps_equal_the_gradient_worked_out(generator, rule, score):
    # s_ff = a . sum_p share_p F_p, share = softmax over places of v . F_p (one head):
    # dF_p = share_p a + share_p (a . F_p - a . f) v; s_fb reads a constant feature and has
    # the second term alone, with b for a
    head = bcam_head(generator, num_heads=1, map_rule=rule, map_score=score)
    feat = torch.rand(2, 5, 3, 4, generator=generator)
    classes = torch.tensor([[1, 2], [0, 2]])
    with torch.no_grad():
        maps = head.maps((feat,), classes)
        v = head.foreground_aggregator.weight[0, :, 0, 0]
        for i, image in enumerate(feat.flatten(2)):
            share = (v @ image).softmax(0)
            for m, k in enumerate(classes[i]):
                a = head.classifier.weight[k, :, 0, 0]
                b = head.background_classifier.weight[k, :, 0, 0]

                def through_shares(w, share=share, image=image):
                    return v[:, None] * (share * (w @ image - (w @ image) @ share))

                gradient = a[:, None] * share + through_shares(a)
                if score == 'contrast':
                    gradient = gradient - through_shares(b)
                w = gradient.mean(1, keepdim=True)
                expected = dict(
                    gradient=gradient * w,
                    positive_gradient=gradient * w.relu(),
                    feature=image * w,
                )[rule].sum(0)
                torch.testing.assert_close(maps[i, m].flatten(), expected)


@pytest.mark.parametrize('context', [torch.no_grad, torch.inference_mode])
def test_maps_need_no_gradient_outside_the_head(generator, context):
    model = bcam().eval()
    inputs = torch.rand(2, 3, 64, 64, generator=generator)
    with context():
        first = model.predict(inputs, labels_to_samples([0, 1]))
        second = model.predict(inputs, labels_to_samples([0, 1]))
    for a, b in zip(first, second):
        assert torch.equal(a.pred_map, b.pred_map)
        assert not a.pred_map.requires_grad
    assert all(p.grad is None for p in model.parameters())


def test_mask_is_where_the_foreground_exceeds_the_background(generator):
    head = bcam_head(generator, output='mask', mask_scale=4)
    feat = torch.rand(2, 5, 3, 4, generator=generator)
    classes = torch.tensor([[1], [2]])
    mask = head.maps((feat,), classes)
    assert mask.shape == (2, 1, 12, 16)
    leaf = feat.requires_grad_()
    scores = head.scores(leaf)
    fine = []
    for difference in (
        scores.object_foreground - scores.background_foreground,
        scores.background_background - scores.object_background,
    ):
        own = head.gradient_maps(leaf, difference, classes)
        up = torch.nn.functional.interpolate(own, scale_factor=4, mode='bilinear')
        low, high = up.amin((2, 3), True), up.amax((2, 3), True)
        fine.append((up - low) / (high - low))
    assert torch.equal(mask, (fine[0] > fine[1]).float())
    assert set(mask.unique().tolist()) == {0.0, 1.0}


def test_switched_off_it_learns_what_cam_learns(generator):
    off = dict(
        type='StaggerLoss', foreground_weight=0, background_weight=0, object_weight=0
    )
    model = bcam(loss_stagger=off).train()
    cam = like_cam(model).train()
    inputs = torch.rand(3, 3, 64, 64, generator=generator)
    samples = labels_to_samples([1, 3, 0])
    gradients = []
    for m in (model, cam):  # aggregators start as average pooling
        total = sum(m.loss(inputs, samples).values())
        total.backward()
        gradients.append(
            (total, m.head.classifier.weight.grad, m.backbone.conv1.weight.grad)
        )
    for ours, theirs in zip(*gradients):
        torch.testing.assert_close(ours, theirs)


def test_init_weights_leaves_the_aggregators_at_average_pooling(generator):
    head = bcam_head(generator)
    head.init_weights()
    assert not head.foreground_aggregator.weight.any()
    assert head.classifier.weight.std() > 0
    share = places(head.background_aggregator(torch.rand(1, 5, 3, 4)))
    torch.testing.assert_close(share, torch.full((1, 12), 1 / 12))


def test_background_classifier_teaches_no_object_classifier_and_no_pixel(generator):
    head = bcam_head(generator)
    feat = torch.rand(2, 5, 3, 4, generator=generator, requires_grad=True)
    losses = head.loss((feat,), labels_to_samples([2, 0]), Context())
    losses['loss_background_background'].backward(retain_graph=True)
    assert head.classifier.weight.grad is None
    assert head.foreground_aggregator.weight.grad is None
    assert head.background_aggregator.weight.grad.any()
    # what arrives at the pixels came through the aggregator's weights
    feat.grad = None
    head.background_aggregator.weight.data.zero_()
    losses = head.loss((feat,), labels_to_samples([2, 0]), Context())
    losses['loss_background_background'].backward(retain_graph=True)
    assert not feat.grad.any()
    losses['loss_object_background'].backward()
    assert head.background_classifier.weight.grad.any()
    assert head.classifier.weight.grad.any()
    assert feat.grad.any()


def test_several_labels_an_image(generator):
    head = bcam_head(generator, multi_label=True)
    feat = torch.rand(2, 5, 3, 4, generator=generator)
    samples = [DataSample().set_gt_label([0, 2]), DataSample().set_gt_label([1])]
    losses = head.loss((feat,), samples, Context())
    s_ff = head.scores(feat).object_foreground
    present = torch.tensor([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    by_hand = torch.nn.functional.binary_cross_entropy_with_logits(s_ff, present)
    torch.testing.assert_close(losses['loss_cls'], by_hand)
    first, second = head.predict((feat,), samples)
    assert first.pred_map.shape == (2, 3, 4)
    assert second.pred_map.shape == (1, 3, 4)
    torch.testing.assert_close(first.pred_score, s_ff[0].sigmoid().detach())
    alone = head.predict((feat[1:],), samples[1:])[0]
    torch.testing.assert_close(second.pred_map, alone.pred_map)


def test_an_image_without_a_label_has_no_map(generator):
    # all its objects are too difficult to count
    head = bcam_head(generator, multi_label=True)
    feat = torch.rand(2, 5, 3, 4, generator=generator)
    samples = [DataSample().set_gt_label([]), DataSample().set_gt_label([1])]
    assert head.loss((feat,), samples, Context())['loss_cls'].isfinite()
    none, one = head.predict((feat,), samples)
    assert none.pred_map.shape == (0, 3, 4)
    assert one.pred_map.shape == (1, 3, 4)
    assert head.predict((feat[:1],), samples[:1])[0].pred_map.shape == (0, 3, 4)


@pytest.mark.parametrize(
    ('option', 'value'),
    [('map_score', 'fg'), ('map_rule', 'relu'), ('output', 'box')],
)
def test_unknown_options_name_the_key(option, value):
    with pytest.raises(ValueError, match=rf'model.head.{option}.*{value}'):
        BCAMHead(num_classes=3, in_channels=5, **{option: value})
