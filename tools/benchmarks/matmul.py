"""The hardware's limit, as it can be measured."""

import torch


class Matmul:
    """A large matrix product, the fastest that the hardware is to be had for.

    Measured beside other work it says how many operations a second that work could have
    made: the 'measured matmul peak', which on the same machine, at the same moment and
    with the same threads, is a fairer limit than the number on the box. On a GPU torch lets
    convolutions of single precision use TF32, and products only when told
    (``torch.set_float32_matmul_precision('high')``): compare in half precision there.

    Args:
        device: That multiplies.
        dtype: Of the factors; what a convolution of the network reads.
    """

    def __init__(self, device: torch.device, dtype: torch.dtype) -> None:
        side, self.repeats = (8192, 10) if device.type == 'cuda' else (1024, 2)
        self.factors = torch.rand(2, side, side, device=device).to(dtype)
        self.product = torch.empty(side, side, device=device, dtype=dtype)
        self.flops = self.repeats * 2 * side**3

    def __call__(self) -> None:
        for _ in range(self.repeats):
            torch.mm(*self.factors, out=self.product)
