"""Arithmetic on maps. Shapes: ``N`` maps of ``h x w``, resized to ``H x W``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # arithmetic on arrays is to be had without torch
    from torch import Tensor


def resize_maps(maps: Tensor, size: tuple[int, int], mode: str = 'bicubic') -> Tensor:
    """``(N, h, w)`` -> ``(N, H, W)``; bicubic equals OpenCV's ``INTER_CUBIC``."""
    import torch.nn.functional as F

    return F.interpolate(maps[:, None], size=size, mode=mode, align_corners=False)[:, 0]


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
