"""Whether an image is like those of the classes at all.

Shapes: ``N`` images, ``K`` classes, ``C`` channels, ``h, w`` grid.
"""

from typing import NamedTuple

import torch
from mmengine.dist import all_reduce
from torch import Tensor, nn

# images of the classes have 1 on average, and 95 % of them less than 1.65; of noise, textures
# and photographs of other things 90 % have more than 2: docs/records/2026-11-26-score.md
LIMIT = 1.75
"""The squared distance at which an image is as likely strange as familiar."""
SOFTNESS = 0.05
"""How far from there it is surely one of them."""
FAR = 1e4
"""What a class without images has in place of mean features."""


class Seen(NamedTuple):
    """Sums over images, of each class."""

    images: Tensor
    """``(K,)``"""
    total: Tensor
    """``(K, C)``, of the descriptions."""
    squares: Tensor
    """``(K,)``, of the descriptions' squared lengths."""


class Familiarity(nn.Module):
    """Compares an image with the images of each class, by what the classifier reads.

    A softmax over a few classes is sure of noise: one of them has to be the most likely. Here
    an image is described by the square roots of its mean features, so that no channel
    counts for all (their distance is Hellinger's), and its squared distance to the nearest
    class's mean is measured in units of what images of a class have to their own. Nothing is
    learned by gradients.

    Args:
        num_classes: ``K``.
        channels: ``C``.
    """

    means: Tensor
    scale: Tensor

    def __init__(self, num_classes: int, channels: int) -> None:
        super().__init__()
        self.register_buffer('means', torch.zeros(num_classes, channels))
        # 0: no image was seen, and every one is familiar
        self.register_buffer('scale', torch.zeros(()))
        self.seen: Seen | None = None

    def observe(self, feat: Tensor, labels: list[Tensor]) -> None:
        """Adds a batch.

        Args:
            feat: ``(N, C, h, w)``.
            labels: The classes of each image; it counts for each of them.
        """
        if self.seen is None:
            self.seen = self._nothing()
        for own, numbers in zip(described(feat).double(), labels):
            for label in numbers.tolist():
                self.seen.images[label] += 1
                self.seen.total[label] += own
                self.seen.squares[label] += own.square().sum()

    def solve(self) -> None:
        """Finds, from what was observed, the classes' means and how far images are from them."""
        seen, self.seen = self.seen or self._nothing(), None
        for sums in seen:
            all_reduce(sums, 'sum')
        images, total, squares = seen
        some = images.clamp(min=1)
        within = squares - total.square().sum(1) / some
        several = images > 1
        # an image is nearer to a mean that it is part of; as if each had been left out
        left_out = (some / (some - 1).clamp(min=1)).square() * within
        self.means.copy_(total / some[:, None])
        self.means[images == 0] = FAR
        self.scale.copy_(left_out[several].sum() / images[several].sum().clamp(min=1))

    def _nothing(self) -> Seen:
        zeros = torch.zeros_like(self.means, dtype=torch.double)
        return Seen(zeros[:, 0].clone(), zeros, zeros[:, 0].clone())

    def forward(self, feat: Tensor) -> Tensor:
        """How familiar images are, ``(N,)`` in [0, 1].

        Args:
            feat: ``(N, C, h, w)``.
        """
        own = described(feat)
        if not self.scale > 0:
            return own.new_ones(len(own))
        exact = 'donot_use_mm_for_euclid_dist'
        nearest = torch.cdist(own, self.means.float(), compute_mode=exact).amin(1)
        return ((LIMIT - nearest.square() / self.scale.float()) / SOFTNESS).sigmoid()

    def _load_from_state_dict(self, state_dict, prefix, *args, **kwargs) -> None:
        # checkpoints of before know nothing of it: every image is familiar to them
        for name, own in self.named_buffers():
            state_dict.setdefault(prefix + name, torch.zeros_like(own))
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)


def described(feat: Tensor) -> Tensor:
    """Square roots of mean features, ``(N, C)`` float32, of ``(N, C, h, w)``."""
    mean = feat.float().mean((2, 3))
    return mean.sign() * mean.abs().sqrt()
