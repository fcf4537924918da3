"""PNSC's head: the equations restated, where gradients go, what each option does."""

import pytest
import torch
import torch.nn.functional as F
from mmpretrain.structures import DataSample
from torch import nn

from mmwsol.models import CAMHead, Localizer, PNSCHead
from mmwsol.models.heads.background import background_scores
from mmwsol.structures import Context
from tests.support.models import labels_to_samples


def test_a_prior_teaches_both_maps_and_else_changes_nothing(pnsc, generator):
    model = pnsc(prior_weight=2.0).eval()
    inputs = torch.rand(2, 3, 64, 64, generator=generator)
    samples = labels_to_samples([1, 3])
    without = model.loss(inputs, samples)
    prior = (torch.rand(2, 1, 4, 4, generator=generator) > 0.5).float()
    for sample, own in zip(samples, prior):
        sample.set_field(own, 'prior_map')
    losses = model.loss(inputs, samples)
    taught = losses.pop('loss_prior')
    assert losses == without
    features = model.backbone(inputs)
    expected = 0.0
    for generate, feature in zip(model.neck(features).generators, features):
        maps = generate(feature, torch.tensor([[1], [3]]))
        fine = F.interpolate(prior, maps.shape[2:], mode='bilinear')
        expected += 2 * F.binary_cross_entropy(maps, fine)
    assert float(taught) == pytest.approx(float(expected), rel=1e-5)
    taught.backward()
    assert model.neck.shallow_generator.weight.grad.abs().sum() > 0
    assert model.neck.deep_generator.weight.grad.abs().sum() > 0
    assert model.head.classifier.weight.grad is None


@pytest.mark.parametrize(
    ('opening', 'background'),
    [('fused', 'deep'), ('deep', 'shallow'), ('shallow', 'fused')],
)
def test_losses_equal_a_slow_restatement_of_the_equations(
    pnsc, generator, opening, background
):
    model = pnsc(
        opening=dict(map=opening, background_weight=0.5),
        background_map=background,
    ).train()
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
            covered = dict(deep=up, shallow=m1, fused=(m1 + up) / 2)[background]
            f2_bg = model.backbone.tail((1 - covered) * f1[i : i + 1])
            s_bg = model.head.classifier(f2_bg).mean((2, 3))
            p, p_fg, p_bg = (v.relu()[0] for v in (s, s_fg, s_bg))
            cos = lambda a, b: (a @ b) / (a.norm() * b.norm() + 1e-20)  # noqa: E731
            down = F.avg_pool2d(m1, 2)
            opened = dict(deep=m2, shallow=down, fused=(down + m2) / 2)[opening]
            s_open = (opened * f3[i : i + 1]).mean((2, 3))
            terms['loss_cls'] -= s.log_softmax(1)[0, y] / 3
            terms['loss_opening'] -= s_open.log_softmax(1)[0, y] / 3
            terms['loss_contrast'] += (1 - cos(p, p_fg) + cos(p, p_bg)) / 3
            ratio = torch.relu(s_bg[0, y]) / (torch.relu(s[0, y]) + 1e-8)
            terms['loss_background'] += 0.5 * ratio.clamp(max=1) / 3
            terms['loss_area'] += (m1.mean() + m2.mean()) / 3
            terms['loss_fusion'] += (
                ((m1 - up) ** 2).mean() + 1.5 * ((down - m2) ** 2).mean()
            ) / 3
    assert losses.keys() == terms.keys()
    for name, value in terms.items():
        assert float(losses[name]) == pytest.approx(float(value), rel=1e-4), name


@pytest.mark.parametrize(
    ('share', 'count'), [(0.5, 2), (0.26, 2), (0.25, 1), (0.01, 1)]
)
def test_contrast_of_a_share_is_that_of_the_first_images(pnsc, generator, share, count):
    part = pnsc(background_share=share, opening=dict(background_weight=1)).train()
    whole = pnsc(opening=dict(background_weight=1)).train()
    for model in (part, whole):
        model.backbone.eval()  # so that images do not see each other's statistics
    inputs, labels = torch.rand(4, 3, 64, 64, generator=generator), [2, 0, 1, 2]
    losses = part.loss(inputs, labels_to_samples(labels))
    of_all = whole.loss(inputs, labels_to_samples(labels))
    of_first = whole.loss(inputs[:count], labels_to_samples(labels[:count]))
    for name, value in losses.items():
        of_a_share = name in ('loss_contrast', 'loss_background')
        torch.testing.assert_close(value, (of_first if of_a_share else of_all)[name])


@pytest.mark.parametrize('background', ['shallow', 'deep', 'fused'])
def test_background_branch_trains_its_maps_and_nothing_else(
    pnsc, generator, background
):
    model = pnsc(
        opening=dict(foreground_weight=0, background_weight=1),
        loss_contrast=None,
        background_map=background,
        loss_fusion=dict(type='SoftFusionLoss', weights=(0, 0), area_weights=(0, 0)),
    ).train()
    model.head.classifier.weight.data.abs_()  # so that less of an image scores less
    inputs = torch.rand(2, 3, 64, 64, generator=generator)
    loss = model.loss(inputs, labels_to_samples([0, 1]))['loss_background']
    assert 0 < loss < 1
    loss.backward()
    learned = {name for name, p in model.named_parameters() if p.grad is not None}
    learned = {name for name in learned if model.get_parameter(name).grad.any()}
    generators = {name for name in learned if name.startswith('neck.')}
    levels = {name.split('.')[1] for name in generators}
    assert (
        levels
        == {
            'shallow': {'shallow_generator'},
            'deep': {'deep_generator'},
            'fused': {'shallow_generator', 'deep_generator'},
        }[background]
    )
    # through the maps, features learn too; the classifier does not
    assert not any(name.startswith('head.') for name in learned)


def test_background_scores_reach_the_map_alone(pnsc, generator):
    model = pnsc().train()
    feats = model.extract_feat(torch.rand(2, 3, 64, 64, generator=generator))
    tap = feats.features[0]
    maps = torch.rand(2, 1, 8, 8, generator=generator, requires_grad=True)
    background_scores(tap, maps, model.tail, model.head.scores).sum().backward()
    assert maps.grad.abs().sum() > 0
    assert all(p.grad is None for p in model.parameters())


def test_centered_background_of_an_erased_image_is_no_evidence(pnsc, generator):
    model = pnsc().eval()
    inputs = torch.rand(2, 3, 64, 64, generator=generator)
    tap = model.extract_feat(inputs).features[0]

    def scores(maps, center):
        return background_scores(tap, maps, model.tail, model.head.scores, center)

    everything = torch.ones(2, 1, 8, 8)
    centered = scores(everything, True)
    torch.testing.assert_close(centered, torch.zeros(2, 4), atol=1e-5, rtol=0)
    difference = scores(everything / 2, False) - scores(everything / 2, True)
    torch.testing.assert_close(difference, scores(everything, False))


def test_the_head_centers_its_background_where_asked(pnsc, generator):
    inputs, samples = torch.rand(2, 3, 64, 64, generator=generator), [0, 1]
    plain, centered = (pnsc(center_background=c).eval() for c in (False, True))
    centered.load_state_dict(plain.state_dict())
    a, b = (m.loss(inputs, labels_to_samples(samples)) for m in (plain, centered))
    assert a['loss_contrast'] != b['loss_contrast']


def test_last_convolution_is_linear_in_the_mask(pnsc, generator):
    # with a 1 x 1 convolution and no ReLU, S_bg = S - S_fg up to the bias: the reason
    # why the background enters the network again at the tap and not there
    model = pnsc().eval()
    feats = model.extract_feat(torch.rand(2, 3, 64, 64, generator=generator))
    f2, m2 = feats.features[1], feats.maps(torch.tensor([[0], [1]]))[1]
    class_maps = model.head.classifier(f2)
    bias = model.head.classifier.bias
    foreground = (m2 * (class_maps - bias[:, None, None])).mean((2, 3))
    background = background_scores(f2, m2, nn.Identity().forward, model.head.scores)
    torch.testing.assert_close(background, class_maps.mean((2, 3)) - foreground)


def test_clean_pass_alone_moves_batch_norm(pnsc, generator):
    inputs, samples = torch.rand(2, 3, 64, 64, generator=generator), [0, 1]
    with_background, without = pnsc().train(), pnsc(loss_contrast=None).train()
    for model in (with_background, without):
        model.loss(inputs, labels_to_samples(samples))
    for (name, a), b in zip(
        with_background.backbone.named_buffers(), without.backbone.buffers()
    ):
        torch.testing.assert_close(a, b, msg=name)


def test_switched_off_it_learns_what_cam_learns(pnsc, generator):
    off = dict(
        opening=dict(foreground_weight=0),
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
    expected = cam.loss(model.extract_feat(inputs).features, samples, Context())[
        'loss_cls'
    ]
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
    shallow, deep = feats.maps(classes)
    up = F.interpolate(deep, scale_factor=2, mode='bilinear')
    expected = dict(shallow=shallow, deep=deep, fused=(shallow + up) / 2)[evaluated]
    torch.testing.assert_close(model.head.maps(feats, classes), expected)


@pytest.mark.parametrize(
    ('option', 'value'),
    [
        ('background_map', 'mean'),
        ('evaluated_map', 'mean'),
        ('background_share', 0),
        ('background_share', 1.5),
        ('map_classes', 9),
    ],
)
def test_unknown_options_name_the_key(option, value):
    with pytest.raises(ValueError, match=f'model.head.{option}'):
        PNSCHead(num_classes=4, in_channels=8, **{option: value})


def test_an_unknown_opening_map_is_named():
    with pytest.raises(ValueError, match=r"model.head.opening.map.*'mean'"):
        PNSCHead(num_classes=4, in_channels=8, opening=dict(map='mean'))


def test_a_backbone_without_tail_is_named_when_the_model_is_built():
    with pytest.raises(ValueError, match='`tail`, such as TapResNet, for PNSCHead'):
        Localizer(
            backbone=dict(type='ResNet', depth=18, out_indices=(2, 3)),
            neck=dict(type='SoftFusionNeck', in_channels=(256, 512)),
            head=dict(type='PNSCHead', num_classes=4, in_channels=1024),
        )


def test_there_is_a_map_for_each_of_the_heads_classes():
    def build(**neck):
        return Localizer(
            backbone=dict(type='TapResNet', depth=18, base_channels=8, stem_channels=8),
            neck=dict(type='SoftFusionNeck', in_channels=(32, 64), num_convs=0, **neck),
            head=dict(type='PNSCHead', num_classes=7, in_channels=64),
        ).neck

    assert build().shallow_generator.out_channels == 7
    assert build(num_maps=1).deep_generator.out_channels == 1


def test_mixed_labels_are_refused_by_name(pnsc, generator):
    mixed = [
        DataSample().set_gt_score(torch.tensor([0.5, 0.5, 0, 0])) for _ in range(2)
    ]
    with pytest.raises(ValueError, match='model.train_cfg.augments'):
        pnsc().loss(torch.rand(2, 3, 64, 64, generator=generator), mixed)
