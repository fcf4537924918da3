"""Parts of the network that are run, or run again, without training them."""

from collections.abc import Callable

from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.parallel import DistributedDataParallel


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
        state = private_buffers(call)
        state.update({name: value.detach() for name, value in call.named_parameters()})
        return functional_call(call, state, args)

    return run


def unrecorded(method: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """A module's method that trains its parameters and leaves its buffers as they are.

    For a second pass in training: batch norm, in its current mode, updates statistics that
    are thrown away, so that those of the first pass are what evaluation has.

    Args:
        method: A bound method of a :class:`torch.nn.Module`.
    """
    call = _MethodCall(method.__self__, method.__name__)  # type: ignore[attr-defined]

    def run(*args: Tensor) -> Tensor:
        return functional_call(call, private_buffers(call), args)

    return run


def private_buffers(module: nn.Module) -> dict[str, Tensor]:
    """Copies of a module's buffers, by name.

    Without them batch norm would write the statistics of masked features into the live
    running means.
    """
    return {name: value.clone() for name, value in module.named_buffers()}


def leave_frozen_out(model: nn.Module) -> None:
    """Keeps parameters that ``train()`` freezes out of what several processes exchange.

    Some of the host's backbones freeze their stages there, which is after the model was
    wrapped: the processes would wait for gradients that never come. Until then the parameters
    stay as they are, for the optimizer lists them, in the checkpoints that there are too.

    Args:
        model: The whole model, before it is wrapped.
    """
    learning = {name: p for name, p in model.named_parameters() if p.requires_grad}
    model.train()
    frozen = {name: p for name, p in learning.items() if not p.requires_grad}
    for parameter in frozen.values():
        parameter.requires_grad_(True)
    ignore = DistributedDataParallel._set_params_and_buffers_to_ignore_for_model
    ignore(model, [*frozen])
