"""Maps that are taught by other maps.

Shapes: ``N`` images, ``h, w`` grid of the map, ``h', w'`` of its teacher.
"""

from torch import Tensor

from mmwsol.functional import to_grid


def prior_loss(maps: Tensor, prior: Tensor) -> Tensor:
    """Binary cross entropy of maps and what was known before.

    Args:
        maps: ``(N, 1, h, w)`` in [0, 1].
        prior: ``(N, 1, h', w')`` in [0, 1].

    >>> import torch
    >>> prior_loss(torch.tensor([[[[0.5, 1.0]]]]), torch.tensor([[[[0.0, 1.0]]]]))
    tensor(0.3466)
    """
    maps = maps.float().clamp(1e-5, 1 - 1e-5)  # 0 has no logarithm
    prior = to_grid(prior.float(), maps.shape[2:])
    return -(prior * maps.log() + (1 - prior) * (1 - maps).log()).mean()
