"""Contrast of an image's scores with those of its foreground and its background.

Shapes: ``N`` images, ``K`` classes.
"""

import torch.nn.functional as F
from mmpretrain.registry import MODELS
from torch import Tensor, nn

SPACES = {
    'softmax': lambda scores: scores.softmax(1),
    'relu': F.relu,
    'scores': lambda scores: scores,
}


def pnsc_loss(
    scores: Tensor,
    foreground: Tensor,
    background: Tensor,
    space: str = 'relu',
    freeze_anchor: bool = True,
) -> Tensor:
    """``mean((1 - cos(S, S_fg)) + cos(S, S_bg))``.

    The paper's Eq. 8 is printed as ``cos(S, S_fg) + (1 - cos(S, S_bg))``, whose minimum
    is the opposite of what the text asks for; this is the text's loss.

    Args:
        scores: S, ``(N, K)``, of the whole image.
        foreground: S_fg, ``(N, K)``, the positive sample.
        background: S_bg, ``(N, K)``, the negative sample.
        space: Where vectors are compared: `'relu'`, the evidence for classes alone, as
            BAS compares it; `'softmax'` probabilities; or the `'scores'` themselves.
        freeze_anchor: Whether S receives no gradient from the contrast.

    >>> import torch
    >>> s, t = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]])
    >>> pnsc_loss(s, foreground=s, background=t, space='scores')
    tensor(0.)
    >>> pnsc_loss(s, foreground=t, background=s, space='scores')
    tensor(2.)
    """
    compare = SPACES[space]
    anchor = compare(scores.detach() if freeze_anchor else scores)
    positive = F.cosine_similarity(anchor, compare(foreground))
    negative = F.cosine_similarity(anchor, compare(background))
    return ((1 - positive) + negative).mean()


@MODELS.register_module()
class PNSCLoss(nn.Module):
    """Positive-negative sample contrast, :func:`pnsc_loss` with a weight.

    Feature soft fusion and positive-negative sample contrast for weakly supervised
    object localization (Electronic Measurement Technology 2025,
    DOI 10.19651/j.cnki.emt.2517997), section 1.3.

    Args:
        loss_weight: Factor of the loss; the paper gives none.
        space: As for :func:`pnsc_loss`.
        freeze_anchor: As for :func:`pnsc_loss`.
    """

    def __init__(
        self,
        loss_weight: float = 1.0,
        space: str = 'relu',
        freeze_anchor: bool = True,
    ) -> None:
        super().__init__()
        if space not in SPACES:
            raise ValueError(
                f'Expected `loss_contrast.space` to be one of {tuple(SPACES)}, but got {space!r}.'
            )
        self.loss_weight = loss_weight
        self.space = space
        self.freeze_anchor = freeze_anchor

    def forward(self, scores: Tensor, foreground: Tensor, background: Tensor) -> Tensor:
        """A scalar; arguments as for :func:`pnsc_loss`."""
        loss = pnsc_loss(scores, foreground, background, self.space, self.freeze_anchor)
        return self.loss_weight * loss
