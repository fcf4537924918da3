"""In-sample contrast and consistent attention."""

import pytest
import torch

from mmwsol.models import ConsistencyLoss, InSampleAttention, InSampleContrastLoss
from mmwsol.models.layers import attention
from mmwsol.models.layers.attention import mean_over
from mmwsol.structures import Attended
from tests.support.models import images_and_samples, like_cam, tiny_localizer

PLACES = {'backbone.layer3.0': 32, 'backbone.layer4.0': 64, 'backbone.layer4.1': 64}


def isc(head=None, places=PLACES, **options):
    plugins = [
        dict(
            module=dict(type='InSampleAttention', in_channels=channels, **options),
            after=[name],
        )
        for name, channels in places.items()
    ]
    return tiny_localizer(head or dict(type='ISCHead'), plugins=plugins)


def test_contrast_by_hand():
    # |z_fg - z_drop|^2 = 0 + 1 = 1, |z_drop - z_bg|^2 = 4 + 0 = 4: relu(1 - 4 + m)
    layer = torch.tensor([[[1.0, 0.0], [1.0, 1.0], [-1.0, 1.0]]])
    assert InSampleContrastLoss(margin=1.0)([layer]) == 0
    assert InSampleContrastLoss(margin=5.0)([layer]) == 2
    # a second layer with |.|^2 = 0 and 0: its loss is m, and layers are averaged
    same = torch.ones(1, 3, 2)
    assert InSampleContrastLoss(loss_weight=3.0, margin=5.0)([layer, same]) == 10.5


def test_consistency_by_hand_teaches_the_earlier_layer_alone():
    early = torch.tensor([[[[0.2, 0.4], [0.6, 0.8]]]], requires_grad=True)
    late = torch.full((1, 1, 1, 1), 0.9, requires_grad=True)
    # mean(.49, .25, .09, .01) = .21
    loss = ConsistencyLoss()([early, late])
    assert float(loss) == pytest.approx(0.21)
    loss.backward()
    assert late.grad is None or not late.grad.any()
    # d/dA = 2 (A - .9) / 4
    expected = torch.tensor([[[[-0.35, -0.25], [-0.15, -0.05]]]])
    torch.testing.assert_close(early.grad, expected)


def attention_of(feat, **options):
    layer = InSampleAttention(
        feat.shape[1],
        **options,
    )
    return layer, layer(feat)


def test_attention_by_hand():
    # The non-local block starts as the identity, so the attention is the mean over the
    # two channels, (1, 3, 4, 5), from 0 to 1: (0, 1/2, 3/4, 1).
    feat = torch.tensor([[[[0.0, 2.0, 4.0, 6.0]], [[2.0, 4.0, 4.0, 4.0]]]])
    layer, hidden = attention_of(feat, drop_rate=1.0)
    torch.testing.assert_close(
        hidden.attention, torch.tensor([[[[0.0, 0.5, 0.75, 1.0]]]])
    )
    # background (0 < .2) and peak (1 > .9) are hidden
    expected = feat * torch.tensor([0.0, 1.0, 1.0, 0.0])
    torch.testing.assert_close(hidden.feat, expected)
    # foreground: above .5, the last two places; without the peak, the third; background:
    # the first
    embedded = layer.embedding(feat)[0, :, 0]
    vectors = [
        (embedded[:, 2] + embedded[:, 3]) / 2,
        embedded[:, 2],
        embedded[:, 0],
    ]
    expected = torch.stack([v / v.norm() for v in vectors])[None]
    torch.testing.assert_close(hidden.embeddings, expected)
    _, weighted = attention_of(feat, drop_rate=0.0)
    activity = torch.tensor([1.0, 3.0, 4.0, 5.0])
    torch.testing.assert_close(weighted.feat, feat * activity.sigmoid())


def test_an_empty_region_and_a_constant_feature_stay_finite():
    assert not mean_over(torch.ones(1, 2, 2, 2), torch.zeros(1, 1, 2, 2) > 0).any()
    feat = torch.ones(1, 2, 3, 3, requires_grad=True)
    _, result = attention_of(feat, drop_rate=0.0)
    (result.embeddings.sum() + result.attention.sum() + result.feat.sum()).backward()
    assert feat.grad.isfinite().all()


def test_losses_read_all_layers_from_early_to_late(generator):
    model = isc(drop_rate=1.0).train()
    inputs, samples = images_and_samples(generator)
    seen = []

    def note(plugin, args, output):
        assert isinstance(output, Attended)
        seen.append(output)

    for plugin in model.plugins.values():
        plugin.register_forward_hook(note)
    losses = model.loss(inputs, samples)
    assert [tuple(a.attention.shape[1:]) for a in seen] == [
        (1, 8, 8),
        (1, 4, 4),
        (1, 4, 4),
    ]
    contrast = 0.0
    for layer in seen:
        for z_fg, z_drop, z_bg in layer.embeddings:
            near = ((z_fg - z_drop) ** 2).sum()
            far = ((z_drop - z_bg) ** 2).sum()
            contrast += max(0.0, float(near - far + 1)) / 9
    assert float(losses['loss_contrast']) == pytest.approx(contrast, rel=1e-4)
    up = torch.nn.functional.interpolate(
        seen[1].attention, scale_factor=2, mode='bilinear'
    )
    consistency = (
        ((seen[0].attention - up) ** 2).mean()
        + ((seen[1].attention - seen[2].attention) ** 2).mean()
    ) / 2
    assert float(losses['loss_consistency']) == pytest.approx(
        float(consistency), rel=1e-4
    )


@pytest.mark.parametrize('drop_rate', [0.0, 1.0])
def test_every_weight_learns_whatever_is_drawn(generator, drop_rate):
    # a process whose weights sit out a step would stop distributed training
    model = isc(drop_rate=drop_rate).train()
    sum(model.loss(*images_and_samples(generator)).values()).backward()
    assert all(p.grad is not None for p in model.parameters())


def test_switched_off_it_learns_what_cam_learns(generator, monkeypatch):
    monkeypatch.setattr(attention, 'DROP_ABOVE', 2)  # nothing is hidden
    monkeypatch.setattr(attention, 'BACKGROUND_BELOW', -1)
    head = dict(
        type='ISCHead',
        loss_contrast=dict(type='InSampleContrastLoss', loss_weight=0.0),
        loss_consistency=dict(type='ConsistencyLoss', loss_weight=0.0),
    )
    model = isc(head, drop_rate=1.0).train()
    cam = like_cam(model).train()
    gradients = []
    inputs, samples = images_and_samples(generator)
    for m in (model, cam):
        total = sum(m.loss(inputs, samples).values())
        total.backward()
        gradients.append(
            (total, m.head.classifier.weight.grad, m.backbone.conv1.weight.grad)
        )
    for ours, theirs in zip(*gradients):
        assert torch.equal(ours, theirs)


def test_evaluation_is_cams(generator):
    model = isc()
    for plugin in model.plugins.values():
        plugin.non_local.conv_out.conv.weight.data.normal_(generator=generator)
    cam = like_cam(model).eval()
    inputs, samples = images_and_samples(generator)
    with torch.no_grad():
        ours = [m.pred_map.clone() for m in model.eval().predict(inputs, samples)]
        theirs = [m.pred_map for m in cam.predict(inputs, samples)]
    assert all(map(torch.equal, ours, theirs))


def test_a_pass_leaves_nothing_behind(generator):
    model = isc().train()
    inputs, samples = images_and_samples(generator)
    for _ in range(2):
        model.loss(inputs, samples)
        assert not any(plugin._forward_hooks for plugin in model.plugins.values())


def test_attention_needs_a_head_that_reads_it_and_the_head_needs_attention(generator):
    with pytest.raises(ValueError, match='such as ISCHead.*got CAMHead'):
        isc(dict(type='CAMHead'))
    with pytest.raises(ValueError, match='at least two InSampleAttention.*got 1'):
        isc(places={'backbone.layer4.1': 64}).train().loss(
            *images_and_samples(generator)
        )
