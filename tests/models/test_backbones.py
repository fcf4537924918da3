"""Tap backbones: shapes, host checkpoints, and running the tail again frozen."""

import copy

import pytest
import torch
from mmengine.registry import init_default_scope
from mmpretrain.models import VGG, InceptionV3, MobileNetV2, ResNet
from mmpretrain.registry import MODELS
from torch import nn

from mmwsol.models import (
    TapInceptionV3,
    TapMobileNetV2,
    TapResNet,
    TapVGG,
)
from mmwsol.models.frozen import frozen

BACKBONES = [
    # ours, the host's, and the channels and sizes of (tap, last) for 64 x 64 input
    (lambda: TapResNet(50), lambda: ResNet(50), (1024, 8), (2048, 4)),
    (lambda: TapResNet(18), lambda: ResNet(18), (256, 8), (512, 4)),
    (lambda: TapVGG(16), lambda: VGG(16), (512, 8), (512, 4)),
    (TapMobileNetV2, MobileNetV2, (96, 4), (1280, 4)),
    (TapInceptionV3, lambda: InceptionV3(aux_logits=True), (768, 8), (2048, 4)),
]
IDS = ['resnet50', 'resnet18', 'vgg16', 'mobilenetv2', 'inceptionv3']


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


@pytest.mark.parametrize(
    ('kind', 'options'),
    [('TapResNet', dict(depth=50)), ('TapVGG', dict(depth=11)), ('TapMobileNetV2', {})],
)
def test_backbones_need_no_zeros_in_evaluation(kind, options):
    init_default_scope('mmpretrain')
    conv = dict(type='EvalReplicateConv2d')
    ours = MODELS.build(dict(type=kind, conv_cfg=conv, **options)).eval()
    ours.load_state_dict(MODELS.build(dict(type=kind, **options)).state_dict())
    plain = torch.full((1, 3, 64, 64), 0.7)
    for feature in ours(plain):  # nothing is at the border that is not elsewhere
        torch.testing.assert_close(feature, feature[..., :1, :1].expand_as(feature))


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
