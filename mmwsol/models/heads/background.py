"""What the network says of an image without its foreground.

Shapes: ``N`` images, ``C`` channels, ``K`` classes, ``h, w`` the tap's grid.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from mmwsol.models.frozen import frozen


def background_scores(
    tap: Tensor,
    maps: Tensor,
    tail: Callable[[Tensor], Tensor],
    scores: Callable[[Tensor], Tensor],
    center: bool = False,
) -> Tensor:
    """Scores ``(N, K)`` of the features outside a map, whose gradient reaches the map alone.

    Classifier and features must not learn from erased features: they would learn to make
    up for what is missing.

    Args:
        tap: ``(N, C, h, w)``.
        maps: ``(N, 1, h, w)`` in [0, 1].
        tail: The layers between the tap and the class convolution.
        scores: What the head makes of their output, ``(N, C', h', w') -> (N, K)``.
        center: Whether the scores of an image with everything erased are subtracted. With
            few classes the classifier recognises one of them by the absence of the others,
            and an empty background looks like that class whatever the map covers.
    """
    erased = tap.detach() * (1 - maps)
    if center:
        erased = torch.cat([erased, torch.zeros_like(erased[:1])])
    background = frozen(scores)(frozen(tail)(erased))
    return background[:-1] - background[-1:] if center else background
