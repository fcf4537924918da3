"""Self-produced guidance: who teaches whom, and that training alone knows of it."""

import pytest
import torch

from mmwsol.models.losses.guidance_loss import guidance, guidance_loss
from tests.support.models import (
    images_and_samples,
    labels_to_samples,
    like_cam,
    tiny_localizer,
)

LEVELS = ('backbone.layer3.0', 'backbone.layer3.1')


def spg(**head):
    head = {'levels': LEVELS, 'level_channels': (32, 32), 'hidden_channels': 8, **head}
    model = tiny_localizer({'type': 'SPGHead', **head})
    for weight in model.head.parameters():
        weight.data.normal_(std=0.1)
    return model


def test_what_is_sure_by_hand():
    seen = torch.zeros(2, 1, 8, 8)
    seen[0, 0, :4] = 0.9  # 32 pixels above .8
    seen[0, 0, 4] = 0.5
    seen[1, 0, 0, :2] = torch.tensor([1.0, 0.75])  # 1 above .8, 2 above .7 x 1
    seen[1, 0, 1, :2] = torch.tensor([0.65, 0.05])
    foreground, background = guidance(seen, above=0.8, below=0.1)
    assert foreground.sum((1, 2, 3)).tolist() == [32, 2]
    assert foreground[0, 0, :4].all()
    assert foreground[1, 0, 0, :2].all()
    # .5 and .65 are neither
    assert background.sum((1, 2, 3)).tolist() == [64 - 32 - 8, 64 - 2 - 1]
    # an image in which nothing is seen has no foreground
    nothing, rest = guidance(torch.zeros(1, 1, 8, 8), 0.8, 0.1)
    assert not nothing.any()
    assert rest.all()


def test_a_pixel_is_not_both():
    # fewer than 30 are above .9; those above .7 x .04 are below .1 as well
    seen = torch.zeros(1, 1, 8, 8)
    seen[0, 0, 0, 0] = 0.04
    foreground, background = guidance(seen, above=0.9, below=0.1)
    assert foreground.sum() == 1
    assert not (foreground & background).any()


def test_loss_by_hand():
    # the first pixel is foreground, the second background, the third does not count:
    # (log(1 + e^-2) + log(1 + e^1)) / 2
    logits = torch.tensor([[[[2.0, 1.0, 9.0]]]], requires_grad=True)
    seen = torch.tensor([[[[1.0, 0.0, 0.5]]]], requires_grad=True)
    loss = guidance_loss(logits, seen, 0.9, 0.1)
    assert float(loss.detach()) == pytest.approx((0.126928 + 1.313262) / 2, abs=1e-5)
    loss.backward()
    assert logits.grad[0, 0, 0, 2] == 0
    assert seen.grad is None
    unsure = guidance_loss(logits, torch.full((1, 1, 1, 3), 0.5), 0.9, 0.9)
    assert unsure.isfinite()


def test_losses_equal_a_slow_restatement(generator):
    thresholds = ((0.6, 0.3), (0.3, 0.25), (0.25, 0.2))
    model = spg(thresholds=thresholds).train()
    for part in (model.head.sides, model.head.shared, model.head.deepest):
        for weight in part.parameters():
            weight.data.mul_(4)
    model.backbone.eval()  # so that both passes see the same statistics
    inputs, samples = images_and_samples(generator)
    losses = model.loss(inputs, samples)
    head = model.head
    kept = {}
    for name in LEVELS:
        model.get_submodule(name).register_forward_hook(
            lambda layer, args, output, name=name: kept.update({name: output})
        )
    with torch.no_grad():
        deep = model.backbone(inputs)[-1]
        own = [head.shared(side(kept[name])) for side, name in zip(head.sides, LEVELS)]
        maps = torch.stack(
            [m[s.gt_label] for m, s in zip(head.classifier(deep), samples)]
        )
        low, high = maps.amin((1, 2, 3), True), maps.amax((1, 2, 3), True)
        b1, b2, c, attention = (
            torch.nn.functional.interpolate(part, size=(64, 64), mode='bilinear')
            for part in (*own, head.deepest(deep), (maps - low) / (high - low))
        )
    guides = dict(
        loss_b2=(b2, attention),
        loss_b1=(b1, b2.sigmoid()),
        loss_c=(c, (b1.sigmoid() + b2.sigmoid()) / 2),
    )
    for (name, (logits, guide)), (above, below) in zip(guides.items(), thresholds):
        total, count = 0.0, 0
        for p, g in zip(logits, guide):
            limit = above if (g > above).sum() >= 30 else 0.7 * float(g.max())
            on = g > limit
            off = (g < below) & ~on
            total -= float(
                p[on].sigmoid().log().sum() + (-p[off]).sigmoid().log().sum()
            )
            count += int(on.sum() + off.sum())
        assert 0 < count < logits.numel(), name
        assert float(losses[name]) == pytest.approx(total / count, rel=1e-4), name


def trained_by(model, generator, name):
    model.zero_grad()
    model.loss(*images_and_samples(generator))[name].backward()
    return {
        n for n, p in model.named_parameters() if p.grad is not None and p.grad.any()
    }


def test_each_loss_teaches_its_own_branch_and_the_layers_before_it(generator):
    model = spg().train()
    b2, b1, c = (trained_by(model, generator, f'loss_{n}') for n in ('b2', 'b1', 'c'))
    assert {'head.sides.1.0.weight', 'head.shared.0.weight'} <= b2
    assert {'head.sides.0.0.weight', 'head.shared.0.weight'} <= b1
    assert 'head.deepest.0.weight' in c
    assert 'head.sides.0.0.weight' not in b2 | c
    assert 'head.sides.1.0.weight' not in b1 | c
    for trained in (b2, b1, c):
        assert 'backbone.conv1.weight' in trained
        assert 'head.classifier.weight' not in trained  # the guide is given
    assert not any(n.startswith('backbone.layer4') for n in b1 | b2)
    assert any(n.startswith('backbone.layer4') for n in c)
    assert not any(n.startswith('backbone.layer3.1') for n in b1)


def test_its_classes_and_predictions_are_cams_bit_for_bit(generator):
    model = spg()
    cam = like_cam(model)
    inputs, samples = images_and_samples(generator)
    ours, theirs = (m.train().loss(inputs, samples)['loss_cls'] for m in (model, cam))
    assert torch.equal(ours, theirs)
    with torch.no_grad():
        ours, theirs = (m.eval().predict(inputs, samples) for m in (model, cam))
    for one, other in zip(ours, theirs):
        assert torch.equal(one.pred_score, other.pred_score)
        assert torch.equal(one.pred_map, other.pred_map)


def test_a_pass_leaves_no_hooks_behind(generator):
    model = spg().train()
    model.loss(*images_and_samples(generator))
    assert not any(model.get_submodule(name)._forward_hooks for name in LEVELS)
    mixed = labels_to_samples([0, 1, 2])
    for sample in mixed:
        sample.set_gt_score(torch.full((4,), 0.25))
    with pytest.raises(ValueError, match='Expected one label'):
        model.loss(images_and_samples(generator)[0], mixed)
    assert not any(model.get_submodule(name)._forward_hooks for name in LEVELS)


@pytest.mark.parametrize(
    ('head', 'message'),
    [
        (dict(levels=LEVELS[:1]), 'two layers in `model.head.levels`'),
        (dict(levels=('backbone.layer3.0', 'layer3.1')), "levels`, but got 'layer3.1'"),
        (
            dict(levels=('backbone.layer3.0', 'backbone.layer3.7')),
            'backbone.layer3 has backbone.layer3.0, backbone.layer3.1',
        ),
        (dict(thresholds=((0.7, 0.1), (0.2, 0.3), (0.7, 0.1))), 'below <= above'),
        (dict(thresholds=((0.7, 0.1),)), 'three pairs'),
    ],
)
def test_settings_that_do_not_fit_are_named(head, message):
    with pytest.raises(ValueError, match=message):
        spg(**head)


def test_outputs_that_do_not_fit_are_named(generator):
    with pytest.raises(ValueError, match=r'`model.head.level_channels`.*\(32, 32\)'):
        spg(level_channels=(32, 64)).train().loss(*images_and_samples(generator))
    with pytest.raises(ValueError, match="pass through.*got 'head.classifier'"):
        spg(levels=('backbone.layer3.0', 'head.classifier')).train().loss(
            *images_and_samples(generator)
        )


def test_levels_are_what_the_next_layer_reads(generator):
    # a plugin behind the layer has changed its output
    plugin = dict(module=dict(type='Tanh'), after=['backbone.layer3.1'])
    head = dict(levels=LEVELS, level_channels=(32, 32), hidden_channels=8)
    model = tiny_localizer(dict(type='SPGHead', **head), plugins=[plugin]).train()
    found = []
    for side in model.head.sides:
        side.register_forward_hook(lambda layer, args, output: found.append(args[0]))
    model.loss(*images_and_samples(generator))
    first, second = (level.amax() for level in found)
    assert second < 1 < first
