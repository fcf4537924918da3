"""Contrast of regions of one image.

Shapes: ``N`` images, ``D`` channels.
"""

from mmpretrain.registry import MODELS
from torch import Tensor, nn


def in_sample_contrast_loss(
    foreground: Tensor, dropped: Tensor, background: Tensor, margin: float = 1.0
) -> Tensor:
    """``mean relu( |z_fg - z_drop|^2 - |z_drop - z_bg|^2 + margin )``.

    Args:
        foreground: z_fg, ``(N, D)``.
        dropped: z_drop, ``(N, D)``, of the foreground without its most discriminative part.
        background: z_bg, ``(N, D)``.
        margin: How much farther the background must be.

    >>> import torch
    >>> near, far = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]])
    >>> in_sample_contrast_loss(near, near, far)
    tensor(0.)
    >>> in_sample_contrast_loss(near, far, far)
    tensor(3.)
    """
    positive = (foreground - dropped).square().sum(1)
    negative = (dropped - background).square().sum(1)
    return (positive - negative + margin).relu().mean()


@MODELS.register_module()
class InSampleContrastLoss(nn.Module):
    """Contrastive attention: the rest of the object is like it, the background is not.

    `In-sample Contrastive Learning and Consistent Attention for Weakly Supervised Object
    Localization (ACCV 2020) <https://arxiv.org/abs/2009.12063>`_.

    Args:
        loss_weight: Factor of the loss; the published one is not known here.
        margin: As for :func:`in_sample_contrast_loss`, for vectors of length 1; the
            published one is not known here.
    """

    def __init__(self, loss_weight: float = 1.0, margin: float = 1.0) -> None:
        super().__init__()
        self.loss_weight = loss_weight
        self.margin = margin

    def forward(self, embeddings: list[Tensor]) -> Tensor:
        """Mean over layers of embeddings ``(N, 3, D)``: foreground, dropped, background."""
        triples = [layer.unbind(1) for layer in embeddings]
        losses = [
            in_sample_contrast_loss(foreground, dropped, background, self.margin)
            for foreground, dropped, background in triples
        ]
        return self.loss_weight * sum(losses[1:], losses[0]) / len(losses)
