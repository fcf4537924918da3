"""Operations of a step, and how many the machine can make."""

from collections.abc import Callable
from math import prod

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry


def count_flops(step: Callable[[], object]) -> int:
    """Floating point operations of convolutions and matrix products while a step runs.

    By the formulas of ``torch.utils.flop_counter``: an addition and a multiplication are
    two. Normalisations, activations, resizes and the optimizer are not counted; frozen
    parts have no backward pass and count none.

    >>> count_flops(lambda: torch.ones(2, 3) @ torch.ones(3, 5))  # 2 x 5 sums of 3
    60
    """
    with _Counter() as counter:
        step()
    return counter.total


class Matmul:
    """A large matrix product, the fastest work that the hardware can be given.

    Measured in turns with a step it says how many operations a second the step could have
    made: the 'measured matmul peak', which on the same machine, at the same moment and
    with the same threads, is a fairer limit than the number of a data sheet. On a GPU torch
    lets convolutions of single precision use TF32, and products only when told
    (``torch.set_float32_matmul_precision('high')``): compare in half precision there.

    Args:
        device: The device that multiplies.
        dtype: The type of the factors, which is what a convolution of the network reads.
    """

    def __init__(self, device: torch.device, dtype: torch.dtype) -> None:
        side, self.repeats = (8192, 10) if device.type == 'cuda' else (1024, 2)
        self.factors = torch.rand(2, side, side, device=device).to(dtype)
        self.product = torch.empty(side, side, device=device, dtype=dtype)
        self.flops = self.repeats * 2 * side**3

    def __call__(self) -> None:
        for _ in range(self.repeats):
            torch.mm(*self.factors, out=self.product)


class _Counter(TorchDispatchMode):
    """torch's ``FlopCounterMode`` follows modules too, which ``autograd.grad`` forbids."""

    def __init__(self) -> None:
        super().__init__()
        self.total = 0

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        result = operation(*args, **kwargs)
        packet = operation._overloadpacket
        if packet is torch.ops.aten.convolution_backward:
            self.total += _convolution_backward(*args)
        elif packet in flop_registry:
            self.total += flop_registry[packet](*args, **kwargs, out_val=result)
        return result


def _convolution_backward(
    gradient: torch.Tensor, inputs: torch.Tensor, weight: torch.Tensor, *options
) -> int:
    """Operations of the gradients of input and weight, each as many as the convolution's.

    torch's formula counts the weight's `groups` times over, for MobileNetV2 up to 960.
    """
    *_, transposed, _, _, wanted = options
    places = (inputs if transposed else gradient).shape[2:]
    return 2 * len(inputs) * prod(places) * weight.numel() * sum(wanted[:2])
