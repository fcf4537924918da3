"""Heads: equalities the design rests on."""

import pytest
import torch
import torch.nn.functional as F
from mmpretrain.models import LinearClsHead
from mmpretrain.structures import DataSample

from mmwsol.models import (
    CAMHead,
    PNSCHead,
)
from tests.support.models import labels_to_samples


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


@pytest.mark.parametrize(
    ('space', 'opening', 'background'),
    [
        ('relu', 'fused', 'deep'),
        ('softmax', 'deep', 'shallow'),
        ('scores', 'shallow', 'fused'),
    ],
)
def test_losses_equal_a_slow_restatement_of_the_equations(
    pnsc, generator, space, opening, background
):
    model = pnsc(
        loss_contrast=dict(type='PNSCLoss', space=space),
        opening_map=opening,
        background_map=background,
        background_ratio_weight=0.5,
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
            view = dict(
                relu=torch.relu, softmax=lambda v: v.softmax(1), scores=lambda v: v
            )
            p, p_fg, p_bg = (view[space](v)[0] for v in (s, s_fg, s_bg))
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
    part = pnsc(background_share=share, background_ratio_weight=1).train()
    whole = pnsc(background_ratio_weight=1).train()
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
    model = pnsc(opening_weight=0, background_map=background).train()
    feats = model.extract_feat(torch.rand(2, 3, 64, 64, generator=generator))
    maps = tuple(
        level(torch.tensor([[0], [1]])).detach().requires_grad_()
        for level in feats.maps
    )
    model.head.background_scores(feats.feats, maps, model.tail).sum().backward()
    shallow, deep = (m.grad is not None and bool(m.grad.abs().sum() > 0) for m in maps)
    assert (shallow, deep) == (background != 'deep', background != 'shallow')
    assert all(p.grad is None for p in model.parameters())


def test_unfrozen_background_branch_trains_the_classifier(pnsc, generator):
    model = pnsc(freeze_background=False).train()
    feats = model.extract_feat(torch.rand(2, 3, 64, 64, generator=generator))
    maps = tuple(level(torch.tensor([[0], [1]])).detach() for level in feats.maps)
    model.head.background_scores(feats.feats, maps, model.tail).sum().backward()
    assert model.head.classifier.weight.grad.abs().sum() > 0


def test_centered_background_of_an_erased_image_is_no_evidence(pnsc, generator):
    for reentry in ('tail', 'last_conv'):
        model = pnsc(center_background=True, reentry=reentry).eval()
        plain = pnsc(reentry=reentry).eval()
        plain.load_state_dict(model.state_dict())
        feats = model.extract_feat(torch.rand(2, 3, 64, 64, generator=generator)).feats
        everything = torch.ones(2, 1, 8, 8), torch.ones(2, 1, 4, 4)
        scores = model.head.background_scores(feats, everything, model.tail)
        torch.testing.assert_close(scores, torch.zeros(2, 4), atol=1e-5, rtol=0)
        half = tuple(m / 2 for m in everything)
        difference = plain.head.background_scores(feats, half, plain.tail)
        difference = difference - model.head.background_scores(feats, half, model.tail)
        empty = plain.head.background_scores(feats, everything, plain.tail)
        torch.testing.assert_close(difference, empty)


def test_last_convolution_is_linear_in_the_mask(pnsc, generator):
    # with a 1 x 1 convolution and no ReLU, S_bg = S - S_fg up to the bias: the reason
    # why re-entering there has little force
    model = pnsc(reentry='last_conv').eval()
    feats = model.extract_feat(torch.rand(2, 3, 64, 64, generator=generator))
    maps = tuple(level(torch.tensor([[0], [1]])) for level in feats.maps)
    class_maps = model.head.classifier(feats.feats[1])
    bias = model.head.classifier.bias
    foreground = (maps[1] * (class_maps - bias[:, None, None])).mean((2, 3))
    background = model.head.background_scores(feats.feats, maps, None)
    torch.testing.assert_close(background, class_maps.mean((2, 3)) - foreground)


@pytest.mark.parametrize('freeze', [True, False])
def test_clean_pass_alone_moves_batch_norm(pnsc, generator, freeze):
    inputs, samples = torch.rand(2, 3, 64, 64, generator=generator), [0, 1]
    with_background = pnsc(freeze_background=freeze).train()
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
    [
        ('opening_map', 'mean'),
        ('background_map', 'mean'),
        ('evaluated_map', 'mean'),
        ('reentry', 'tap'),
        ('background_share', 0),
        ('background_share', 1.5),
        ('map_classes', 9),
    ],
)
def test_unknown_options_name_the_key(option, value):
    with pytest.raises(ValueError, match=f'model.head.{option}'):
        PNSCHead(num_classes=4, in_channels=8, **{option: value})


def test_a_backbone_without_tail_is_named(pnsc, generator):
    model = pnsc()
    feats = model.extract_feat(torch.rand(2, 3, 64, 64, generator=generator))
    with pytest.raises(ValueError, match='tail'):
        model.head.loss(feats, labels_to_samples([0, 1]), tail=None)


def test_mixed_labels_are_refused_by_name(pnsc, generator):
    mixed = [
        DataSample().set_gt_score(torch.tensor([0.5, 0.5, 0, 0])) for _ in range(2)
    ]
    with pytest.raises(ValueError, match='model.train_cfg.augments'):
        pnsc().loss(torch.rand(2, 3, 64, 64, generator=generator), mixed)
