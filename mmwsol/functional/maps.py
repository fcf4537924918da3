"""Arithmetic on maps. Shapes: ``N`` maps of ``h x w``, resized to ``H x W``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # arithmetic on arrays is available without torch
    from torch import Tensor


def resize_maps(maps: Tensor, size: Sequence[int]) -> Tensor:
    """``(N, h, w)`` -> ``(N, H, W)`` as OpenCV's ``INTER_CUBIC``, which published code uses."""
    import torch.nn.functional as F

    resized = F.interpolate(maps[:, None], size, mode='bicubic', align_corners=False)
    return resized[:, 0]


def to_grid(maps: Tensor, size: Sequence[int]) -> Tensor:
    """Maps ``(N, M, h, w)`` on another grid: ``(N, M, *size)``.

    On a coarser grid each place is the mean of its cell, on a finer one maps are
    interpolated, bilinear.

    >>> import torch
    >>> to_grid(torch.tensor([[[[0.0, 1.0], [2.0, 5.0]]]]), (1, 1))
    tensor([[[[2.]]]])
    """
    import torch.nn.functional as F

    own = maps.shape[2:]
    if own == tuple(size):
        return maps
    if own[0] < size[0] or own[1] < size[1]:
        return F.interpolate(maps, size=size, mode='bilinear', align_corners=False)
    if all(long % short == 0 for long, short in zip(own, size)):
        # adaptive pooling has no deterministic gradient on a GPU; this, the same, has
        return F.avg_pool2d(maps, [long // short for long, short in zip(own, size)])
    return F.adaptive_avg_pool2d(maps, (size[0], size[1]))


def minmax_normalize(maps: Tensor) -> Tensor:
    """Shifts and scales each map of ``(..., H, W)`` to [0, 1]; a constant map becomes 0.

    >>> import torch
    >>> minmax_normalize(torch.tensor([[[1., 2.], [3., 5.]], [[7., 7.], [7., 7.]]]))
    tensor([[[0.0000, 0.2500],
             [0.5000, 1.0000]],
    <BLANKLINE>
            [[0.0000, 0.0000],
             [0.0000, 0.0000]]])
    """
    low = maps.amin((-2, -1), keepdim=True)
    span = maps.amax((-2, -1), keepdim=True) - low
    return (maps - low) / span.where(span > 0, 1.0)
