"""What self-produced guidance teaches. Shapes: ``N`` images of ``H x W`` pixels."""

import torch.nn.functional as F
from torch import Tensor

FEWEST_PIXELS = 30
SHARE_OF_PEAK = 0.7


def guidance(seen: Tensor, above: float, below: float) -> tuple[Tensor, Tensor]:
    """Pixels that are surely foreground, and those that are surely background.

    Args:
        seen: How much of the object is seen at each pixel, ``(N, 1, H, W)`` in [0, 1].
        above: The value above which a pixel is foreground. Where fewer than 30 of an image
            are, those above 0.7 of its highest value are.
        below: The value below which a pixel is background.

    Returns:
        Two masks ``(N, 1, H, W)`` of bool; a pixel in neither may be either.
    """
    foreground = seen > above
    few = foreground.sum((1, 2, 3), keepdim=True) < FEWEST_PIXELS
    brightest = seen > SHARE_OF_PEAK * seen.amax((1, 2, 3), keepdim=True)
    foreground = brightest.where(few, foreground)
    return foreground, (seen < below) & ~foreground


def guidance_loss(logits: Tensor, seen: Tensor, above: float, below: float) -> Tensor:
    """Binary cross entropy of maps with what another one is sure of.

    `Self-produced Guidance for Weakly-supervised Object Localization (ECCV 2018)
    <https://arxiv.org/abs/1807.08902>`_. The mean over the pixels of the batch that are
    surely one or the other; nothing learns through ``seen``.

    Args:
        logits: The maps that learn, ``(N, 1, H, W)``, before the sigmoid.
        seen: As for :func:`guidance`.
        above: As for :func:`guidance`.
        below: As for :func:`guidance`.
    """
    foreground, background = guidance(seen, above, below)
    sure = (foreground | background).to(logits.dtype)
    target = foreground.to(logits.dtype)
    total = F.binary_cross_entropy_with_logits(
        logits, target, weight=sure, reduction='sum'
    )
    return total / sure.sum().clamp(min=1)
