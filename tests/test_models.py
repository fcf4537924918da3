"""Backbones, necks, heads and losses: equalities the design rests on."""

import copy

import pytest
import torch
import torch.nn.functional as F
from mmpretrain.models import VGG, InceptionV3, LinearClsHead, MobileNetV2, ResNet
from mmpretrain.registry import MODELS
from mmpretrain.structures import DataSample
from torch import nn

from mmwsol.models import (
    CAMHead,
    HiddenConvs,
    Localizer,
    MapGenerator,
    PNSCHead,
    PNSCLoss,
    SoftFusionLoss,
    SoftFusionNeck,
    TapInceptionV3,
    TapMobileNetV2,
    TapResNet,
    TapVGG,
)
from mmwsol.models.heads.pnsc_head import background_ratio
from mmwsol.models.losses import pnsc_loss, soft_fusion_loss
from mmwsol.models.utils import frozen

BACKBONES = [
    # ours, the host's, and the channels and sizes of (tap, last) for 64 x 64 input
    (lambda: TapResNet(50), lambda: ResNet(50), (1024, 8), (2048, 4)),
    (lambda: TapResNet(18), lambda: ResNet(18), (256, 8), (512, 4)),
    (lambda: TapVGG(16), lambda: VGG(16), (512, 8), (512, 4)),
    (TapMobileNetV2, MobileNetV2, (96, 4), (1280, 4)),
    (TapInceptionV3, lambda: InceptionV3(aux_logits=True), (768, 8), (2048, 4)),
]
IDS = ['resnet50', 'resnet18', 'vgg16', 'mobilenetv2', 'inceptionv3']


def labels_to_samples(labels):
    return [DataSample().set_gt_label(int(label)) for label in labels]


# ---------------------------------------------------------------- backbones


@pytest.mark.parametrize(('ours', 'host', 'tap', 'last'), BACKBONES, ids=IDS)
def test_tap_and_last_have_the_documented_shapes(ours, host, tap, last):
    features = ours().eval()(torch.rand(2, 3, 64, 64))
    assert [tuple(f.shape) for f in features] == [
        (2, channels, size, size) for channels, size in (tap, last)
    ]


@pytest.mark.parametrize(('ours', 'host', 'tap', 'last'), BACKBONES, ids=IDS)
def test_last_is_the_tail_of_the_tap(ours, host, tap, last):
    backbone = ours().eval()
    shallow, deep = backbone(torch.rand(1, 3, 64, 64))
    torch.testing.assert_close(backbone.tail(shallow), deep)


@pytest.mark.parametrize(('ours', 'host', 'tap', 'last'), BACKBONES, ids=IDS)
def test_host_checkpoints_load_without_missing_or_unexpected_keys(
    ours, host, tap, last
):
    state = host().state_dict()
    backbone = ours()
    missing, unexpected = backbone.load_state_dict(state, strict=False)
    assert not missing
    assert not unexpected
    for name, value in backbone.state_dict().items():
        torch.testing.assert_close(value, state[name])


def test_vgg_takes_checkpoints_with_a_classifier():
    state = {**VGG(11).state_dict(), 'classifier.0.weight': torch.zeros(1)}
    assert not TapVGG(11).load_state_dict(state, strict=False).unexpected_keys


def test_vgg_taps_relu4_3_and_ends_in_relu5_3():
    backbone = TapVGG(16)
    convolutions = [m for m in backbone.features if not isinstance(m, nn.MaxPool2d)]
    assert len(convolutions) == 13
    tail = backbone.features[backbone._pool4 :]
    assert isinstance(tail[0], nn.MaxPool2d)
    assert len(tail) == 4  # pool4 and three convolutions


def test_mobilenet_equals_the_host_up_to_the_tap():
    torch.manual_seed(0)
    ours, host = TapMobileNetV2().eval(), MobileNetV2(out_indices=(4,))
    host.load_state_dict(ours.state_dict())
    host.eval()  # returns None in the host
    x = torch.rand(1, 3, 64, 64)
    torch.testing.assert_close(ours(x)[0], host(x)[0])


# ---------------------------------------------------------------- frozen tail


def test_frozen_tail_equals_a_deep_copy(generator):
    backbone = TapResNet(18, stem_channels=8, base_channels=8).train()
    twin = copy.deepcopy(backbone)
    for p in twin.parameters():
        p.requires_grad_(False)
    tap = torch.rand(3, 32, 8, 8, generator=generator)
    ours, theirs = tap.clone().requires_grad_(), tap.clone().requires_grad_()
    out, expected = frozen(backbone.tail)(ours), twin.tail(theirs)
    torch.testing.assert_close(out, expected)
    weight = torch.rand(out.shape, generator=generator)
    (out * weight).sum().backward()
    (expected * weight).sum().backward()
    torch.testing.assert_close(ours.grad, theirs.grad)
    assert all(p.grad is None for p in backbone.parameters())


def test_frozen_tail_leaves_batch_norm_alone(generator):
    backbone = TapResNet(18, stem_channels=8, base_channels=8).train()
    before = copy.deepcopy(backbone.state_dict())
    frozen(backbone.tail)(torch.rand(3, 32, 8, 8, generator=generator))
    for name, value in backbone.state_dict().items():
        torch.testing.assert_close(value, before[name])


# ---------------------------------------------------------------- map generator


def test_chosen_maps_equal_those_of_the_whole_convolution(generator):
    layer = MapGenerator(6, 5)
    nn.init.normal_(layer.weight, generator=generator)
    nn.init.normal_(layer.bias, generator=generator)
    feat = torch.rand(4, 6, 7, 9, generator=generator)
    classes = torch.randint(5, (4, 2), generator=generator)
    every = layer(feat)
    expected = torch.stack([every[i, classes[i]] for i in range(4)])
    torch.testing.assert_close(layer(feat, classes), expected)


def test_chosen_maps_give_the_same_gradient(generator):
    layer = MapGenerator(6, 5)
    feat = torch.rand(4, 6, 7, 9, generator=generator, requires_grad=True)
    classes = torch.tensor([[0], [3], [3], [1]])
    parameters = [feat, layer.weight, layer.bias]
    expected = torch.autograd.grad(
        layer(feat)
        .gather(1, classes[..., None, None].expand(-1, -1, 7, 9))
        .pow(2)
        .sum(),
        parameters,
    )
    ours = torch.autograd.grad(layer(feat, classes).pow(2).sum(), parameters)
    for a, b in zip(ours, expected):
        torch.testing.assert_close(a, b)


def test_a_single_map_serves_every_class(generator):
    layer = MapGenerator(6, 1)
    feat = torch.rand(2, 6, 4, 4, generator=generator)
    torch.testing.assert_close(layer(feat, torch.tensor([[3], [7]])), layer(feat))


# ---------------------------------------------------------------- losses


def test_soft_fusion_by_hand():
    # M1 = [.2 .4; .6 .8] on 2 x 2, its mean .5; M2 = .9 on 1 x 1
    # w1: mean((M1 - .9)^2) = (.49 + .25 + .09 + .01) / 4 = .21
    # w2: (.5 - .9)^2 = .16
    shallow = torch.tensor([[[[0.2, 0.4], [0.6, 0.8]]]])
    deep = torch.full((1, 1, 1, 1), 0.9)
    assert soft_fusion_loss(shallow, deep, 1, 0) == pytest.approx(0.21)
    assert soft_fusion_loss(shallow, deep, 0, 1) == pytest.approx(0.16)
    fusion, area = SoftFusionLoss((1, 1.5), (2, 1))(shallow, deep)
    assert fusion == pytest.approx(0.21 + 1.5 * 0.16)
    assert area == pytest.approx(2 * 0.5 + 0.9)


def test_soft_fusion_teaches_each_map_by_the_other_alone(generator):
    shallow = torch.rand(2, 1, 8, 8, generator=generator, requires_grad=True)
    deep = torch.rand(2, 1, 4, 4, generator=generator, requires_grad=True)
    for weights, moves, stays in (((1, 0), shallow, deep), ((0, 1), deep, shallow)):
        shallow.grad = deep.grad = None
        soft_fusion_loss(shallow, deep, *weights).backward()
        assert moves.grad.abs().sum() > 0
        assert stays.grad is None or not stays.grad.any()  # the target is frozen


def test_soft_fusion_against_a_slow_restatement(generator):
    shallow = torch.rand(3, 1, 8, 8, generator=generator)
    deep = torch.rand(3, 1, 4, 4, generator=generator)
    expected = 0.0
    for image in range(3):
        up = F.interpolate(deep[image : image + 1], scale_factor=2, mode='bilinear')[
            0, 0
        ]
        for y in range(8):
            for x in range(8):
                expected += (shallow[image, 0, y, x] - up[y, x]) ** 2 / (3 * 64)
        for y in range(4):
            for x in range(4):
                block = shallow[image, 0, 2 * y : 2 * y + 2, 2 * x : 2 * x + 2].mean()
                expected += 1.5 * (block - deep[image, 0, y, x]) ** 2 / (3 * 16)
    assert soft_fusion_loss(shallow, deep) == pytest.approx(float(expected), rel=1e-4)


def test_contrast_by_hand():
    # cos((3, 4), (4, 3)) = 24 / 25, cos((3, 4), (-4, 3)) = 0
    s = torch.tensor([[3.0, 4.0]])
    near, across = torch.tensor([[4.0, 3.0]]), torch.tensor([[-4.0, 3.0]])
    assert pnsc_loss(s, near, across, 'scores') == pytest.approx(1 / 25, abs=1e-6)
    assert pnsc_loss(s, across, near, 'scores') == pytest.approx(1 + 24 / 25)


def test_contrast_has_the_sign_of_the_text_not_of_the_misprint(generator):
    s = torch.rand(4, 5, generator=generator)
    other = torch.rand(4, 5, generator=generator)
    for space in ('softmax', 'relu', 'scores'):
        good = pnsc_loss(s, foreground=s, background=other, space=space)
        bad = pnsc_loss(s, foreground=other, background=s, space=space)
        assert good < bad


@pytest.mark.parametrize('freeze', [True, False])
def test_the_anchor_gets_gradient_only_when_asked(generator, freeze):
    s = torch.rand(4, 5, generator=generator, requires_grad=True)
    fg, bg = (torch.rand(4, 5, generator=generator, requires_grad=True) for _ in 'ab')
    PNSCLoss(freeze_anchor=freeze)(s, fg, bg).backward()
    assert (s.grad is None) == freeze
    assert fg.grad.abs().sum() > 0
    assert bg.grad.abs().sum() > 0


def test_unknown_space_is_refused():
    with pytest.raises(ValueError, match=r'`loss_contrast.space`.*cosine'):
        PNSCLoss(space='cosine')


def test_background_ratio_by_hand():
    # true class scores 2 -> 1: one half; -1 -> 3: at most 1, without gradient
    scores = torch.tensor([[2.0, 0.0], [0.0, -1.0]])
    background = torch.tensor([[1.0, 5.0], [0.0, 3.0]], requires_grad=True)
    ratio = background_ratio(scores, background, torch.tensor([0, 1]))
    assert float(ratio) == pytest.approx(0.75)
    ratio.backward()
    assert background.grad.tolist() == [[0.25, 0.0], [0.0, 0.0]]


# ---------------------------------------------------------------- heads


def test_class_maps_equal_weights_times_features_and_the_hosts_head(generator):
    head = CAMHead(num_classes=7, in_channels=5)
    head.init_weights()
    feat = torch.rand(3, 5, 4, 4, generator=generator)
    logits, maps = head((feat,))
    by_hand = torch.einsum('kc,nchw->nkhw', head.classifier.weight[:, :, 0, 0], feat)
    bias = head.classifier.bias[:, None, None]
    torch.testing.assert_close(maps, by_hand + bias)
    host = LinearClsHead(num_classes=7, in_channels=5)
    host.fc.weight.data = head.classifier.weight.data[:, :, 0, 0]
    host.fc.bias.data = head.classifier.bias.data
    torch.testing.assert_close(logits, host((feat.mean((2, 3)),)))


@pytest.fixture
def pnsc():
    """A Localizer with PNSC on 4 classes."""

    def build(**head):
        torch.manual_seed(0)
        channels = (32, 64)
        return Localizer(
            backbone=dict(type='TapResNet', depth=18, stem_channels=8, base_channels=8),
            neck=dict(
                type='SoftFusionNeck', in_channels=channels, num_maps=4, num_convs=0
            ),
            head=dict(
                type='PNSCHead',
                num_classes=4,
                in_channels=64,
                **{'loss_contrast': dict(type='PNSCLoss'), **head},
            ),
        )

    return build


@pytest.mark.parametrize('space', ['relu', 'softmax', 'scores'])
def test_losses_equal_a_slow_restatement_of_the_equations(pnsc, generator, space):
    model = pnsc(loss_contrast=dict(type='PNSCLoss', space=space)).train()
    model.backbone.eval()  # so that the second pass sees the same statistics
    inputs, labels = torch.rand(3, 3, 64, 64, generator=generator), [2, 0, 2]
    losses = model.loss(inputs, labels_to_samples(labels))
    with torch.no_grad():
        f1, f2 = model.backbone(inputs)
        f3 = model.head.classifier(f2)
        terms = dict.fromkeys(losses, 0.0)
        for i, y in enumerate(labels):
            m1 = model.neck.shallow_generator(f1[i : i + 1])[:, y : y + 1]
            m2 = model.neck.deep_generator(f2[i : i + 1])[:, y : y + 1]
            s = f3[i : i + 1].mean((2, 3))
            s_fg = (m2 * f3[i : i + 1]).mean((2, 3))
            up = F.interpolate(m2, size=f1.shape[2:], mode='bilinear')
            f2_bg = model.backbone.tail((1 - up) * f1[i : i + 1])
            s_bg = model.head.classifier(f2_bg).mean((2, 3))
            view = dict(
                relu=torch.relu, softmax=lambda v: v.softmax(1), scores=lambda v: v
            )
            p, p_fg, p_bg = (view[space](v)[0] for v in (s, s_fg, s_bg))
            cos = lambda a, b: (a @ b) / (a.norm() * b.norm() + 1e-20)  # noqa: E731
            terms['loss_cls'] -= s.log_softmax(1)[0, y] / 3
            terms['loss_opening'] -= s_fg.log_softmax(1)[0, y] / 3
            terms['loss_contrast'] += (1 - cos(p, p_fg) + cos(p, p_bg)) / 3
            terms['loss_area'] += (m1.mean() + m2.mean()) / 3
            down = F.avg_pool2d(m1, 2)
            terms['loss_fusion'] += (
                ((m1 - up) ** 2).mean() + 1.5 * ((down - m2) ** 2).mean()
            ) / 3
    assert losses.keys() == terms.keys()
    for name, value in terms.items():
        assert float(losses[name]) == pytest.approx(float(value), rel=1e-4), name


def test_background_branch_trains_the_map_and_nothing_else(pnsc, generator):
    model = pnsc(opening_weight=0).train()
    feats = model.extract_feat(torch.rand(2, 3, 64, 64, generator=generator))
    deep = feats.maps[1](torch.tensor([[0], [1]])).detach().requires_grad_()
    scores = model.head.background_scores(feats.feats, deep, model.tail)
    scores.sum().backward()
    assert deep.grad.abs().sum() > 0
    assert all(p.grad is None for p in model.parameters())


def test_unfrozen_background_branch_trains_the_classifier(pnsc, generator):
    model = pnsc(freeze_background=False).train()
    feats = model.extract_feat(torch.rand(2, 3, 64, 64, generator=generator))
    deep = feats.maps[1](torch.tensor([[0], [1]])).detach()
    model.head.background_scores(feats.feats, deep, model.tail).sum().backward()
    assert model.head.classifier.weight.grad.abs().sum() > 0


def test_last_convolution_is_linear_in_the_mask(pnsc, generator):
    # with a 1 x 1 convolution and no ReLU, S_bg = S - S_fg up to the bias: the reason
    # why re-entering there has little force
    model = pnsc(reentry='last_conv').eval()
    feats = model.extract_feat(torch.rand(2, 3, 64, 64, generator=generator))
    deep = feats.maps[1](torch.tensor([[0], [1]]))
    class_maps = model.head.classifier(feats.feats[1])
    bias = model.head.classifier.bias
    foreground = (deep * (class_maps - bias[:, None, None])).mean((2, 3))
    background = model.head.background_scores(feats.feats, deep, None)
    torch.testing.assert_close(background, class_maps.mean((2, 3)) - foreground)


def test_clean_pass_alone_moves_batch_norm(pnsc, generator):
    inputs, samples = torch.rand(2, 3, 64, 64, generator=generator), [0, 1]
    with_background = pnsc().train()
    without = pnsc(loss_contrast=None).train()
    for model in (with_background, without):
        model.loss(inputs, labels_to_samples(samples))
    for (name, a), b in zip(
        with_background.backbone.named_buffers(), without.backbone.buffers()
    ):
        torch.testing.assert_close(a, b, msg=name)


def test_switched_off_it_learns_what_cam_learns(pnsc, generator):
    off = dict(
        opening_weight=0,
        loss_contrast=None,
        loss_fusion=dict(type='SoftFusionLoss', weights=(0, 0), area_weights=(0, 0)),
    )
    model = pnsc(**off).train()
    inputs, samples = (
        torch.rand(2, 3, 64, 64, generator=generator),
        labels_to_samples([1, 3]),
    )
    losses = model.loss(inputs, samples)
    assert sum(losses.values()) == losses['loss_cls']
    cam = CAMHead(num_classes=4, in_channels=64)
    cam.load_state_dict(model.head.state_dict())
    model.backbone.train()
    expected = cam.loss(model.extract_feat(inputs).feats, samples)['loss_cls']
    torch.testing.assert_close(losses['loss_cls'], expected)


def test_area_weights_grow_over_the_ramp_and_survive_a_resume(pnsc, generator):
    model = pnsc(area_ramp=4).train()
    full = pnsc().train()
    inputs = torch.rand(2, 3, 64, 64, generator=generator)
    samples = labels_to_samples([0, 1])
    area = full.loss(inputs, samples)['loss_area']
    for step in (1, 2, 3):
        loss = model.loss(inputs, samples)['loss_area']
        torch.testing.assert_close(loss, area * step / 4)
    resumed = pnsc(area_ramp=4).train()
    resumed.load_state_dict(model.state_dict())
    for _ in range(2):
        torch.testing.assert_close(resumed.loss(inputs, samples)['loss_area'], area)


@pytest.mark.parametrize('evaluated', ['shallow', 'deep', 'fused'])
def test_evaluated_map_is_the_one_named(pnsc, generator, evaluated):
    model = pnsc(evaluated_map=evaluated).eval()
    feats = model.extract_feat(torch.rand(2, 3, 64, 64, generator=generator))
    classes = torch.tensor([[2], [1]])
    shallow, deep = (maps(classes) for maps in feats.maps)
    up = F.interpolate(deep, scale_factor=2, mode='bilinear')
    expected = dict(shallow=shallow, deep=deep, fused=(shallow + up) / 2)[evaluated]
    torch.testing.assert_close(model.head(feats, lambda _: classes).maps, expected)


@pytest.mark.parametrize(
    ('option', 'value'),
    [('evaluated_map', 'mean'), ('reentry', 'tap'), ('map_classes', 9)],
)
def test_unknown_options_name_the_key(option, value):
    with pytest.raises(ValueError, match=f'model.head.{option}'):
        PNSCHead(num_classes=4, in_channels=8, **{option: value})


def test_a_backbone_without_tail_is_named(pnsc, generator):
    model = pnsc()
    feats = model.extract_feat(torch.rand(2, 3, 64, 64, generator=generator))
    with pytest.raises(ValueError, match='tail'):
        model.head.loss(feats, labels_to_samples([0, 1]), tail=None)


# ---------------------------------------------------------------- localizer


def test_maps_of_true_predicted_and_all_classes(generator):
    feat = torch.rand(3, 5, 4, 4, generator=generator)
    head = CAMHead(num_classes=6, in_channels=5)
    nn.init.normal_(head.classifier.weight, generator=generator)
    logits, every = head((feat,))
    true = head.predict((feat,), labels_to_samples([5, 0, 3]))
    for i, label in enumerate([5, 0, 3]):
        torch.testing.assert_close(true[i].pred_map[0], every[i, label])
    predicted = head.predict((feat,))
    for i, label in enumerate(logits.argmax(1)):
        torch.testing.assert_close(predicted[i].pred_map[0], every[i, label])
        assert predicted[i].pred_label == label
    head.map_classes = 2
    for i, sample in enumerate(head.predict((feat,))):
        top = logits[i].topk(2).indices
        torch.testing.assert_close(sample.pred_map[0], every[i, top].mean(0))
    head.map_classes = 'all'
    for i, sample in enumerate(head.predict((feat,))):
        torch.testing.assert_close(sample.pred_map[0], every[i].mean(0))


def test_images_with_several_labels_have_a_map_for_each(generator):
    feat = torch.rand(2, 5, 4, 4, generator=generator)
    head = CAMHead(num_classes=6, in_channels=5)
    samples = [DataSample().set_gt_label([1, 4]), DataSample().set_gt_label([2])]
    every = head((feat,)).maps
    first, second = head.predict((feat,), samples)
    torch.testing.assert_close(first.pred_map, every[0, [1, 4]])
    torch.testing.assert_close(second.pred_map, every[1, [2]])


def test_predictions_do_not_depend_on_the_batch(pnsc, generator):
    model = pnsc().eval()
    inputs = torch.rand(4, 3, 64, 48, generator=generator)
    with torch.no_grad():
        together = model.predict(inputs, labels_to_samples([0, 1, 2, 3]))
        alone = [
            model.predict(inputs[i : i + 1], labels_to_samples([i]))[0]
            for i in range(4)
        ]
    for a, b in zip(together, alone):
        assert a.pred_map.shape == (1, 64, 48)
        assert (a.pred_map.min(), a.pred_map.max()) == (0, 1)
        torch.testing.assert_close(a.pred_map, b.pred_map, atol=1e-4, rtol=1e-3)
        torch.testing.assert_close(a.pred_score, b.pred_score)


def test_soft_labels_of_batch_augmentation_train_cam(generator):
    head = CAMHead(num_classes=3, in_channels=5)
    feat = torch.rand(2, 5, 4, 4, generator=generator)
    mixed = [
        DataSample().set_gt_score(torch.tensor(s)) for s in ([0.3, 0.7, 0], [0, 0, 1.0])
    ]
    log = head((feat,)).logits.log_softmax(1)
    expected = -(0.3 * log[0, 0] + 0.7 * log[0, 1] + log[1, 2]) / 2
    torch.testing.assert_close(head.loss((feat,), mixed)['loss_cls'], expected)


def test_number_of_maps_must_fit_the_classes():
    with pytest.raises(ValueError, match=r'`model.neck.num_maps`.*1 or 4.*got 3'):
        Localizer(
            backbone=dict(type='TapResNet', depth=18),
            neck=dict(type='SoftFusionNeck', in_channels=(256, 512), num_maps=3),
            head=dict(type='CAMHead', num_classes=4, in_channels=1024),
        )


def test_tail_of_the_localizer_ends_where_the_head_begins(generator):
    for neck in (
        None,
        dict(type='HiddenConvs', in_channels=(32, 64), hidden_channels=16, num_convs=2),
    ):
        model = Localizer(
            backbone=dict(type='TapResNet', depth=18, stem_channels=8, base_channels=8),
            neck=neck,
            head=dict(type='CAMHead', num_classes=4, in_channels=16 if neck else 64),
        ).eval()
        tap, last = model.extract_feat(torch.rand(1, 3, 64, 64, generator=generator))
        torch.testing.assert_close(model.tail(tap), last)


def test_necks_pass_the_tap_on(generator):
    tap, last = torch.rand(1, 4, 8, 8), torch.rand(1, 6, 4, 4)
    plain = HiddenConvs((4, 6), num_convs=0)((tap, last))
    assert plain[0] is tap
    assert plain[1] is last
    fused = SoftFusionNeck((4, 6), num_maps=3, hidden_channels=5)((tap, last))
    assert fused.feats[1].shape == (1, 5, 4, 4)
    assert [m(None).shape for m in fused.maps] == [(1, 3, 8, 8), (1, 3, 4, 4)]


def test_registered_names_are_the_users():
    for name in ('SoftFusionNeck', 'PNSCHead', 'SoftFusionLoss', 'PNSCLoss'):
        assert MODELS.get(name) is not None
