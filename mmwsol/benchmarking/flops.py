"""Operations of a step."""

from collections.abc import Callable
from math import prod

import torch
from torch.utils.flop_counter import FlopCounterMode


def count_flops(step: Callable[[], object]) -> int:
    """Floating point operations of convolutions and matrix products while a step runs.

    An addition and a multiplication are two. Normalisations, activations, resizes and
    the optimizer are not counted; frozen parts have no backward pass and count none.

    >>> count_flops(lambda: torch.ones(2, 3) @ torch.ones(3, 5))  # 2 x 5 sums of 3
    60
    """
    counter = FlopCounterMode(
        display=False,
        custom_mapping={torch.ops.aten.convolution_backward: _convolution_backward},
    )
    with counter:
        step()
    return counter.get_total_flops()


def _convolution_backward(
    grad_shape: list[int],
    input_shape: list[int],
    weight_shape: list[int],
    bias: object,
    stride: list[int],
    padding: list[int],
    dilation: list[int],
    transposed: bool,
    output_padding: list[int],
    groups: int,
    wanted: list[bool],
    **kwargs,
) -> int:
    """Of the gradients of input and weight, each as many as the convolution's own.

    torch's formula counts the weight's `groups` times over, which for MobileNetV2 would be
    up to 960.
    """
    places = input_shape if transposed else grad_shape
    each = 2 * input_shape[0] * prod(places[2:]) * prod(weight_shape)
    return each * sum(wanted[:2])
