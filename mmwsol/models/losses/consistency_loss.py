"""Attention of early layers taught by that of later ones.

Shapes: ``N`` images, ``h, w`` grid of the early and ``h', w'`` of the late attention.
"""

import torch.nn.functional as F
from mmpretrain.registry import MODELS
from torch import Tensor, nn

from mmwsol.functional import to_grid


def consistency_loss(early: Tensor, late: Tensor) -> Tensor:
    """``mean (A_early - A_late*)^2``, the star marking the frozen, resized one.

    Args:
        early: ``(N, 1, h, w)`` in [0, 1].
        late: ``(N, 1, h', w')`` in [0, 1].

    >>> import torch
    >>> consistency_loss(torch.full((1, 1, 2, 2), 0.5), torch.full((1, 1, 1, 1), 0.1))
    tensor(0.1600)
    """
    return F.mse_loss(early, to_grid(late.detach(), early.shape[2:]))


@MODELS.register_module()
class ConsistencyLoss(nn.Module):
    """Foreground consistency: each attention is pulled to the next layer's.

    `In-sample Contrastive Learning and Consistent Attention for Weakly Supervised Object
    Localization (ACCV 2020) <https://arxiv.org/abs/2009.12063>`_. The later layer is the
    reference and receives no gradient.

    Args:
        loss_weight: Factor of the loss; the published one is not known here.
    """

    def __init__(self, loss_weight: float = 1.0) -> None:
        super().__init__()
        self.loss_weight = loss_weight

    def forward(self, attentions: list[Tensor]) -> Tensor:
        """Mean over neighbours of attentions ``(N, 1, h, w)``, from early to late."""
        losses = [
            consistency_loss(early, late)
            for early, late in zip(attentions, attentions[1:])
        ]
        return self.loss_weight * sum(losses[1:], losses[0]) / len(losses)
