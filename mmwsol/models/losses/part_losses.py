"""What maps of an object and its parts are kept to.

Shapes: ``N`` images, ``P`` parts, ``h, w`` grid; a part's attention is over all places of an
image, 1 in sum.
"""

import torch
from torch import Tensor


def area_loss(maps: Tensor, share: float) -> Tensor:
    """How far the mean of a batch's maps ``(N, 1, h, w)`` is from a share of all places.

    >>> area_loss(torch.tensor([[[[0.0, 1.0]]], [[[0.0, 0.0]]]]), 0.5)
    tensor(0.2500)
    """
    return (maps.mean() - share).abs()


def overlap_loss(parts: Tensor) -> Tensor:
    """What two parts have in common, from 0 to 1, on average over pairs and images.

    Bhattacharyya's coefficient of two attentions, ``sum_i sqrt(a_i b_i)``.

    Args:
        parts: ``(N, P, h * w)``.

    >>> overlap_loss(torch.tensor([[[0.5, 0.5, 0.0], [0.5, 0.0, 0.5]]]))
    tensor(0.5000)
    """
    count = parts.shape[1]
    if count == 1:
        return parts.sum() * 0
    roots = parts.clamp(min=1e-12).sqrt()  # whose slope at 0 is infinite
    common = roots @ roots.transpose(1, 2)
    pairs = torch.triu(torch.ones_like(common), diagonal=1)
    return (common * pairs).sum() / pairs.sum()


def scatter_loss(parts: Tensor, size: tuple[int, int]) -> Tensor:
    """How far a part's places are from its middle, on average over parts and images.

    The mean squared distance, in units of the image's sides; of an even attention it is
    nearly 1/6.

    Args:
        parts: ``(N, P, h * w)``.
        size: ``h, w``.

    >>> scatter_loss(torch.tensor([[[0.5, 0.0, 0.5, 0.0]]]), (1, 4))  # 1/4 from the middle
    tensor(0.0625)
    """
    rows, columns = (
        (torch.arange(n, dtype=parts.dtype, device=parts.device) + 0.5) / n
        for n in size
    )
    places = torch.cartesian_prod(rows, columns)  # (h * w, 2)
    middle = parts @ places
    squares = parts @ places.square().sum(1) - middle.square().sum(2)
    return squares.mean()
