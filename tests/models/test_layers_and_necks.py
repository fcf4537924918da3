"""The map generator and the necks."""

import pytest
import torch
import torch.nn.functional as F

from mmwsol.models import ForegroundGenerator, MapGenerator, SoftFusionNeck
from mmwsol.models.layers import EvalReplicateConv2d
from mmwsol.models.layers.map_generator import repeat_border

PADDINGS = pytest.mark.parametrize('padding_mode', ['zeros', 'replicate'])


@PADDINGS
def test_chosen_maps_equal_those_of_the_whole_convolution(generator, padding_mode):
    layer = MapGenerator(6, 5, padding_mode=padding_mode)
    layer.weight.data.normal_(generator=generator)
    layer.bias.data.normal_(generator=generator)
    feat = torch.rand(4, 6, 7, 9, generator=generator)
    classes = torch.randint(5, (4, 2), generator=generator)
    every = layer(feat)
    expected = torch.stack([every[i, classes[i]] for i in range(4)])
    torch.testing.assert_close(layer(feat, classes), expected)


@PADDINGS
def test_chosen_maps_give_the_same_gradient(generator, padding_mode):
    layer = MapGenerator(6, 5, padding_mode=padding_mode)
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


@pytest.mark.parametrize('neck', [ForegroundGenerator, SoftFusionNeck])
@pytest.mark.parametrize('classes', [None, torch.tensor([[2]])])
def test_an_image_without_contents_has_no_border_in_its_maps(generator, neck, classes):
    spread = {}
    for mode in ('zeros', 'replicate'):
        made = neck((4, 6), num_maps=3, num_convs=0, padding_mode=mode)
        for parameter in made.parameters():
            parameter.data.normal_(generator=generator)
        feats = torch.ones(1, 4, 8, 8), torch.ones(1, 6, 4, 4)
        maps = made(feats).maps(classes)
        spread[mode] = max((m.amax((2, 3)) - m.amin((2, 3))).max() for m in maps)
    assert spread['zeros'] > 0.1
    assert spread['replicate'] < 1e-6


@pytest.mark.parametrize('size', [(1, 1), (1, 4), (5, 3)])
@pytest.mark.parametrize(('high', 'wide'), [(1, 1), (0, 3), (2, 1)])
def test_the_border_is_repeated_as_torch_does(generator, size, high, wide):
    feat = torch.rand(2, 3, *size, generator=generator, requires_grad=True)
    ours = repeat_border(feat, high, wide)
    theirs = F.pad(feat, (wide, wide, high, high), 'replicate')
    assert torch.equal(ours, theirs)
    weight = torch.rand(ours.shape, generator=generator)
    (own,) = torch.autograd.grad((ours * weight).sum(), feat)
    (expected,) = torch.autograd.grad((theirs * weight).sum(), feat)
    torch.testing.assert_close(own, expected)


@pytest.mark.parametrize(
    ('kernel', 'options'),
    [
        (7, dict(stride=2, padding=3, bias=False)),
        ((1, 7), dict(padding=(0, 3))),
        (3, dict(padding=2, dilation=2, groups=2)),
        (1, dict(stride=2)),
    ],
)
def test_zeros_are_beyond_the_border_in_training_alone(generator, kernel, options):
    layer = EvalReplicateConv2d(4, 6, kernel, **options)
    zeros = torch.nn.Conv2d(4, 6, kernel, **options)
    repeated = torch.nn.Conv2d(4, 6, kernel, padding_mode='replicate', **options)
    for other in (zeros, repeated):
        other.load_state_dict(layer.state_dict())
    feat = torch.rand(2, 4, 9, 8, generator=generator)
    assert torch.equal(layer(feat), zeros(feat))
    torch.testing.assert_close(layer.eval()(feat), repeated(feat))


def test_an_unknown_padding_is_refused_by_name():
    with pytest.raises(ValueError, match=r"`model.neck.padding_mode` .*got 'wrap'"):
        MapGenerator(6, 5, padding_mode='wrap')


def test_a_single_map_serves_every_class(generator):
    layer = MapGenerator(6, 1)
    feat = torch.rand(2, 6, 4, 4, generator=generator)
    torch.testing.assert_close(layer(feat, torch.tensor([[3], [7]])), layer(feat))


def test_normalized_maps_are_those_of_another_convolution(generator):
    feat = 3 + 2 * torch.rand(4, 6, 7, 9, generator=generator)
    layer = MapGenerator(6, 5, normalize=True)
    layer.weight.data.normal_(generator=generator)
    layer(feat)  # the running statistics move by a tenth
    mean, var = feat.mean((0, 2, 3)), feat.var((0, 2, 3))
    torch.testing.assert_close(layer.norm.running_mean, 0.1 * mean)
    torch.testing.assert_close(layer.norm.running_var, 0.9 + 0.1 * var)

    layer.eval()
    mean, scale = layer.norm.running_mean, (layer.norm.running_var + 1e-5).rsqrt()
    other = MapGenerator(6, 5)
    other.weight.data = layer.weight.data * scale[:, None, None]
    other.bias.data = layer.bias.data - (other.weight.data.sum((2, 3)) @ mean)
    # but for the border, where zeros stand for the mean in the one and for 0 in the other
    inside = (..., slice(1, -1), slice(1, -1))
    classes = torch.tensor([[4], [0], [0], [2]])
    torch.testing.assert_close(
        layer(feat, classes)[inside], other(feat, classes)[inside]
    )


def test_a_step_closes_no_whole_map_of_normalized_features(generator):
    feat = 1 + torch.rand(4, 6, 7, 9, generator=generator)
    change = []
    for normalize in (False, True):
        layer = MapGenerator(6, 1, normalize=normalize)
        layer.weight.data.zero_()
        layer(feat).mean().backward()
        layer.weight.data -= layer.weight.grad
        change.append(0.5 - layer(feat).mean().item())
    plain, normalized = change
    assert plain > 0.4  # of 0.5: closed
    assert 0 < normalized < 0.1 * plain
