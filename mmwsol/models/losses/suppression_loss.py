"""How much of a class is left in the background.

Shapes: ``N`` images, ``K`` classes.
"""

from mmpretrain.registry import MODELS
from torch import Tensor, nn


def suppression_loss(
    scores: Tensor, background: Tensor, labels: Tensor, saturated: float = 1.0
) -> Tensor:
    """``mean( relu(S_bg[y]) / relu(S[y]) )``, S frozen.

    Args:
        scores: S, ``(N, K)``, of the whole image.
        background: S_bg, ``(N, K)``, of the image without its foreground.
        labels: y, ``(N,)``.
        saturated: Value, without gradient, of an image whose background scores higher
            than the whole of it.

    >>> import torch
    >>> scores, rest = torch.tensor([[4.0, 1.0]]), torch.tensor([[1.0, 3.0]])
    >>> suppression_loss(scores, rest, torch.tensor([0]))
    tensor(0.2500)
    >>> suppression_loss(scores, rest, torch.tensor([1]), saturated=0.0)
    tensor(0.)
    """
    # in half precision the 1e-8 would vanish
    whole = scores.detach().gather(1, labels[:, None]).float().relu()
    rest = background.gather(1, labels[:, None]).float().relu()
    ratio = rest / (whole + 1e-8)
    return ratio.where(rest <= whole, ratio.new_tensor(saturated)).mean()


@MODELS.register_module()
class SuppressionLoss(nn.Module):
    """Background activation suppression, :func:`suppression_loss` with a weight.

    `Background Activation Suppression for Weakly Supervised Object Localization
    (CVPR 2022) <https://arxiv.org/abs/2112.00580>`_ and, extended, `(IJCV 2023)
    <https://arxiv.org/abs/2309.04172>`_.

    Args:
        loss_weight: Factor of the loss; 1 in both papers.
        saturated: As for :func:`suppression_loss`. 0 in 2022; in 2023 1 for all
            backbones but VGG.
    """

    def __init__(self, loss_weight: float = 1.0, saturated: float = 1.0) -> None:
        super().__init__()
        self.loss_weight = loss_weight
        self.saturated = saturated

    def forward(self, scores: Tensor, background: Tensor, labels: Tensor) -> Tensor:
        """A scalar; arguments as for :func:`suppression_loss`."""
        loss = suppression_loss(scores, background, labels, self.saturated)
        return self.loss_weight * loss
