"""Losses: hand-worked numbers, slow restatements, where gradients go."""

import pytest
import torch
import torch.nn.functional as F

from mmwsol.models import (
    PNSCLoss,
    SoftFusionLoss,
)
from mmwsol.models.losses import pnsc_loss, soft_fusion_loss, suppression_loss


def test_soft_fusion_by_hand():
    # M1 = [.2 .4; .6 .8] on 2 x 2, its mean .5; M2 = .9 on 1 x 1
    # w1: mean((M1 - .9)^2) = (.49 + .25 + .09 + .01) / 4 = .21
    # w2: (.5 - .9)^2 = .16
    shallow = torch.tensor([[[[0.2, 0.4], [0.6, 0.8]]]])
    deep = torch.full((1, 1, 1, 1), 0.9)
    assert soft_fusion_loss(shallow, deep, 1, 0) == pytest.approx(0.21)
    assert soft_fusion_loss(shallow, deep, 0, 1) == pytest.approx(0.16)
    fusion, area = SoftFusionLoss((1, 1.5), (2, 1), loss_weight=5)(shallow, deep)
    assert fusion == pytest.approx(5 * (0.21 + 1.5 * 0.16))
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
    # of what is positive: cos((3, 4), (4, 3)) = 24 / 25, cos((3, 4), (0, 3)) = 12 / 15
    s = torch.tensor([[3.0, 4.0]])
    near, across = torch.tensor([[4.0, 3.0]]), torch.tensor([[-4.0, 3.0]])
    assert pnsc_loss(s, near, across) == pytest.approx(1 / 25 + 4 / 5, abs=1e-6)
    assert pnsc_loss(s, across, near) == pytest.approx(1 / 5 + 24 / 25)


def test_contrast_has_the_sign_of_the_text_not_of_the_misprint(generator):
    s = torch.rand(4, 5, generator=generator)
    other = torch.rand(4, 5, generator=generator)
    good = pnsc_loss(s, foreground=s, background=other)
    bad = pnsc_loss(s, foreground=other, background=s)
    assert good < bad


def test_the_anchor_gets_no_gradient(generator):
    s = torch.rand(4, 5, generator=generator, requires_grad=True)
    fg, bg = (torch.rand(4, 5, generator=generator, requires_grad=True) for _ in 'ab')
    PNSCLoss()(s, fg, bg).backward()
    assert s.grad is None
    assert fg.grad.abs().sum() > 0
    assert bg.grad.abs().sum() > 0


def test_background_ratio_by_hand():
    # true class scores 2 -> 1: one half; -1 -> 3: at most 1, without gradient
    scores = torch.tensor([[2.0, 0.0], [0.0, -1.0]])
    background = torch.tensor([[1.0, 5.0], [0.0, 3.0]], requires_grad=True)
    ratio = suppression_loss(scores, background, torch.tensor([0, 1]))
    assert float(ratio) == pytest.approx(0.75)
    ratio.backward()
    assert background.grad.tolist() == [[0.25, 0.0], [0.0, 0.0]]
