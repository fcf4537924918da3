"""The map generator and the necks."""

import torch

from mmwsol.models import (
    MapGenerator,
)


def test_chosen_maps_equal_those_of_the_whole_convolution(generator):
    layer = MapGenerator(6, 5)
    layer.weight.data.normal_(generator=generator)
    layer.bias.data.normal_(generator=generator)
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
