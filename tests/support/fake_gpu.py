"""A GPU that has no memory and computes nothing, but knows where tensors are."""

from contextlib import ExitStack

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode

aten = torch.ops.aten


class FakeGPU:
    """Inside it tensors are fake, and those of different devices do not mix.

    Where a value decides it is True, or 1; a mask chooses one place.
    """

    def __enter__(self) -> 'FakeGPU':
        self.modes = ExitStack()
        self.modes.enter_context(FakeTensorMode())
        self.modes.enter_context(_Decisions())
        return self

    def __exit__(self, *error) -> None:
        self.modes.__exit__(*error)


class _Decisions(TorchDispatchMode):
    """Answers what a tensor without values cannot."""

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        packet = operation.overloadpacket
        if packet == aten._local_scalar_dense:
            return _one(args[0].dtype)
        if packet in (aten.index, aten.index_put, aten.index_put_):
            args = (args[0], _places(args[1]), *args[2:])
        return operation(*args, **(kwargs or {}))


def _one(dtype: torch.dtype) -> bool | int | float:
    if dtype == torch.bool:
        return True
    return 1.0 if dtype.is_floating_point else 1


def _places(indices: list) -> list:
    """Indices without masks, each in place of one that chooses a single place."""
    made: list[Tensor | None] = []
    for index in indices:
        if index is None or index.dtype != torch.bool:
            made.append(index)
        else:
            made += [index.new_zeros(1, dtype=torch.long) for _ in index.shape]
    return made


def to_gpu(model: nn.Module) -> nn.Module:
    """What ``model.cuda()`` does, which torch refuses for fake parameters.

    What is neither a parameter nor a buffer stays, as there.
    """
    for module in model.modules():
        for name, own in module._parameters.items():
            if own is not None:
                module._parameters[name] = nn.Parameter(_like(own), own.requires_grad)
        for name, own in module._buffers.items():
            if own is not None:
                module._buffers[name] = _like(own)
    model.data_preprocessor._device = torch.device('cuda')
    return model


def _like(own: Tensor) -> Tensor:
    return torch.empty_strided(own.shape, own.stride(), dtype=own.dtype, device='cuda')
