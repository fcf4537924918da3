"""Thresholded average pooling and maps of positive weights, options of heads like CAM's."""

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from torch import nn

from mmwsol.models import CAMHead
from mmwsol.models.heads.class_maps import class_scores
from tests.support.models import ROOT, images_and_samples, like_cam, tiny_localizer

RCAM = dict(type='CAMHead', pool_above=0.1, positive_weights=True)


def head(channels, classes, weight, bias, **options):
    own = CAMHead(classes, channels, **options)
    own.classifier.weight.data = torch.tensor(weight)[:, :, None, None]
    own.classifier.bias.data = torch.tensor(bias)
    return own


def test_scores_and_maps_by_hand():
    # channel 0: above .5 x 8 are 8 and 6, mean 7 (4 is not above); channel 1: 2, mean 2;
    # channel 2 is nowhere active: 0
    feat = torch.zeros(1, 3, 2, 2)
    feat[0, 0] = torch.tensor([[8.0, 4.0], [6.0, 0.0]])
    feat[0, 1, 1, 1] = 2
    weight = [[1.0, -3.0, 5.0], [-0.5, 2.0, 7.0]]
    rcam = head(3, 2, weight, [0.5, 0.0], pool_above=0.5, positive_weights=True)
    # scores keep negative weights: 7 - 6 + .5 and -3.5 + 4
    assert rcam.logits((feat,)).tolist() == [[1.5, 0.5]]
    # maps do not, and are of all places: class 0 is F_0, class 1 is 2 F_1
    expected = [[[8.5, 4.5], [6.5, 0.5]], [[0.0, 0.0], [0.0, 4.0]]]
    assert rcam.maps((feat,), None).tolist() == [expected]
    chosen = rcam.maps((feat,), torch.tensor([[1]]))
    assert chosen.tolist() == [[expected[1]]]


def test_predictions_equal_a_slow_restatement(generator):
    model = tiny_localizer(RCAM).eval()
    model.head.classifier.weight.data.normal_(generator=generator)
    inputs, samples = images_and_samples(generator)
    with torch.no_grad():
        deep = model.backbone(inputs)[-1].double().numpy()
        found = model.head.predict(model.extract_feat(inputs), samples)
    weight = model.head.classifier.weight[:, :, 0, 0].detach().double().numpy()
    bias = model.head.classifier.bias.detach().double().numpy()
    for feat, sample in zip(deep, found):
        vector = []
        for channel in feat:
            kept = [value for value in channel.flat if value > 0.1 * channel.max()]
            vector.append(sum(kept) / max(1, len(kept)))
        scores = np.exp(weight @ vector + bias)
        np.testing.assert_allclose(sample.pred_score, scores / scores.sum(), rtol=1e-4)
        own = weight[int(sample.gt_label)]
        score_map = sum(max(w, 0) * channel for w, channel in zip(own, feat))
        score_map = score_map + bias[int(sample.gt_label)]
        np.testing.assert_allclose(sample.pred_map[0], score_map, rtol=1e-3, atol=1e-4)


def test_only_places_that_count_learn():
    feat = torch.tensor([[[[5.0, 0.4, 3.0, 0.0]]]], requires_grad=True)
    class_scores(nn.Conv2d(1, 1, 1), feat, above=0.1).sum().backward()
    assert (feat.grad != 0).flatten().tolist() == [True, False, True, False]


def test_the_map_alone_leaves_negative_weights_out_so_that_all_weights_learn(generator):
    model = tiny_localizer(RCAM).train()
    sum(model.loss(*images_and_samples(generator)).values()).backward()
    weight = model.head.classifier.weight
    assert (weight < 0).any()
    assert weight.grad[weight < 0].any()


def test_without_them_it_is_cam_bit_for_bit(generator):
    off = tiny_localizer(
        dict(type='CAMHead', pool_above=None, positive_weights=False)
    ).train()
    cam = like_cam(off).train()
    inputs, samples = images_and_samples(generator)
    for one, other in zip(
        off.loss(inputs, samples).values(), cam.loss(inputs, samples).values()
    ):
        assert torch.equal(one, other)
    feats = off.eval().extract_feat(inputs)
    by_hand = off.head.classifier(feats[-1])
    assert torch.equal(off.head.logits(feats), by_hand.mean((2, 3)))
    assert torch.equal(off.head.maps(feats, None), by_hand)


def test_where_every_place_counts_the_pooling_is_the_mean():
    feat = 5 + torch.rand(2, 3, 4, 4)  # all above half the maximum
    conv = nn.Conv2d(3, 6, 1)
    ours, cams = (class_scores(conv, feat, above) for above in (0.5, None))
    torch.testing.assert_close(ours, cams)


@pytest.mark.parametrize(
    ('kind', 'option'),
    [
        ('BASHead', dict(pool_above=0.1)),
        ('BASHead', dict(positive_weights=True)),
        ('BCAMHead', dict(pool_above=0.1)),
        ('PNSCHead', dict(positive_weights=True)),
    ],
)
def test_heads_that_would_not_read_an_option_refuse_it(kind, option):
    (name,) = option
    with pytest.raises(
        ValueError, match=f'`model.head.{name}` for .* got it for {kind}'
    ):
        tiny_localizer(dict(type=kind, **option))


@pytest.mark.parametrize('above', [0, 1, -0.5, 10])
def test_a_share_is_between_0_and_1(above):
    with pytest.raises(
        ValueError, match='`model.head.pool_above` to be None or between'
    ):
        tiny_localizer(dict(type='CAMHead', pool_above=above))


def test_attention_and_plugins_go_with_it(generator):
    places = [
        dict(
            module=dict(type='InSampleAttention', in_channels=channels),
            after=[f'backbone.layer{layer}.1'],
        )
        for layer, channels in ((3, 32), (4, 64))
    ]
    model = tiny_localizer(dict(RCAM, type='ISCHead'), plugins=places).train()
    losses = model.loss(*images_and_samples(generator))
    assert {'loss_cls', 'loss_contrast', 'loss_consistency'} == losses.keys()


def test_schedule_of_vgg_scales_gradients_but_not_decay():
    config = Config.fromfile(ROOT / 'configs/rcam/vgg16_cub.py').optim_wrapper
    model = nn.ModuleDict(
        {name: nn.Linear(1, 1, bias=False) for name in ('backbone', 'head')}
    )
    for part in model.values():
        nn.init.constant_(part.weight, 2.0)
    step = build_optim_wrapper(model, config)
    by_hand = {name: [2.0, 0.0] for name in model}
    for gradient in (1.0, -3.0, 0.5):
        for name, part in model.items():
            part.weight.grad = torch.full((1, 1), gradient)
            weight, speed = by_hand[name]
            scaled = (0.1 if name == 'backbone' else 1) * gradient + 5e-4 * weight
            speed = 0.9 * speed + scaled
            # Nesterov looks a step ahead
            by_hand[name] = [weight - 0.003 * (scaled + 0.9 * speed), speed]
        step.optimizer.step()
    for name, part in model.items():
        assert float(part.weight) == pytest.approx(by_hand[name][0], rel=1e-6)
