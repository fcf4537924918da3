"""Contrast of an image's scores with those of its foreground and its background.

Shapes: ``N`` images, ``K`` classes.
"""

import torch.nn.functional as F
from mmpretrain.registry import MODELS
from torch import Tensor, nn


def pnsc_loss(scores: Tensor, foreground: Tensor, background: Tensor) -> Tensor:
    """``mean((1 - cos(S, S_fg)) + cos(S, S_bg))`` of positive evidence.

    The paper's Eq. 8 is printed as ``cos(S, S_fg) + (1 - cos(S, S_bg))``, whose minimum
    is the opposite of what the text asks for; this is the text's loss. Vectors are
    compared after a ReLU, as BAS compares scores: evidence against other classes says
    nothing of where the object is. S receives no gradient: it would learn to look like
    its own foreground, whatever that covers.

    Args:
        scores: S, ``(N, K)``, of the whole image.
        foreground: S_fg, ``(N, K)``, the positive sample.
        background: S_bg, ``(N, K)``, the negative sample.

    >>> import torch
    >>> s, t = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]])
    >>> pnsc_loss(s, foreground=s, background=t)
    tensor(0.)
    >>> pnsc_loss(s, foreground=t, background=s)
    tensor(2.)
    """
    anchor = scores.detach().relu()
    positive = F.cosine_similarity(anchor, foreground.relu())
    negative = F.cosine_similarity(anchor, background.relu())
    return ((1 - positive) + negative).mean()


@MODELS.register_module()
class PNSCLoss(nn.Module):
    """Positive-negative sample contrast, :func:`pnsc_loss` with a weight.

    Feature soft fusion and positive-negative sample contrast for weakly supervised
    object localization (Electronic Measurement Technology 2025,
    DOI 10.19651/j.cnki.emt.2517997), section 1.3.

    Args:
        loss_weight: Factor of the loss; the paper gives none.
    """

    def __init__(self, loss_weight: float = 1.0) -> None:
        super().__init__()
        self.loss_weight = loss_weight

    def forward(self, scores: Tensor, foreground: Tensor, background: Tensor) -> Tensor:
        """A scalar; arguments as for :func:`pnsc_loss`."""
        return self.loss_weight * pnsc_loss(scores, foreground, background)
