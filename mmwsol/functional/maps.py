"""Arithmetic on maps. Shapes: ``N`` maps of ``h x w``, resized to ``H x W``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # arithmetic on arrays is to be had without torch
    from torch import Tensor


def resize_maps(maps: Tensor, size: tuple[int, int], mode: str = 'bicubic') -> Tensor:
    """``(N, h, w)`` -> ``(N, H, W)``; bicubic equals OpenCV's ``INTER_CUBIC``."""
    import torch.nn.functional as F

    return F.interpolate(maps[:, None], size=size, mode=mode, align_corners=False)[:, 0]


def shrink_maps(maps: Tensor, size: tuple[int, int]) -> Tensor:
    """Means over the cells of a coarser grid: ``(N, M, h, w)`` -> ``(N, M, *size)``.

    Equals adaptive average pooling, whose gradient has no deterministic form on a GPU;
    where all cells are of one size, this one's has.

    >>> import torch
    >>> shrink_maps(torch.tensor([[[[0.0, 1.0], [2.0, 5.0]]]]), (1, 1))
    tensor([[[[2.]]]])
    """
    import torch.nn.functional as F

    cell = [long // short for long, short in zip(maps.shape[2:], size)]
    if all(long % short == 0 for long, short in zip(maps.shape[2:], size)):
        return F.avg_pool2d(maps, cell)
    return F.adaptive_avg_pool2d(maps, size)


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
