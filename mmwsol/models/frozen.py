"""Running a part of the network again without training it."""

from collections.abc import Callable

from torch import Tensor, nn
from torch.func import functional_call


class _MethodCall(nn.Module):
    """A bound method as a module, the form ``functional_call`` takes."""

    def __init__(self, module: nn.Module, name: str) -> None:
        super().__init__()
        self.module = module
        self.name = name

    def forward(self, *args: Tensor) -> Tensor:
        return getattr(self.module, self.name)(*args)


def frozen(method: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """A module's method with constant parameters and private buffers.

    Equal in output and input gradient to the same method of a deep copy, at the cost
    of a few references instead of a copy: parameters receive no gradient, and batch
    norm, though in its current mode, updates statistics that are thrown away.

    Args:
        method: A bound method of a :class:`torch.nn.Module`.
    """
    call = _MethodCall(method.__self__, method.__name__)  # type: ignore[attr-defined]

    def run(*args: Tensor) -> Tensor:
        # without the copy, batch norm would write the masked features' statistics
        # into the live running means
        state = {name: value.clone() for name, value in call.named_buffers()}
        state.update({name: value.detach() for name, value in call.named_parameters()})
        return functional_call(call, state, args)

    return run
