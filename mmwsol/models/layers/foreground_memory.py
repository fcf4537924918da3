"""What foreground looks like, whatever its class.

Shapes: ``N`` images, ``C`` channels, ``D`` channels of the memory, ``S`` slots, ``h, w`` grid.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# No code was published: these are this project's, not tuned.
CHANNELS = 128
SHARPNESS = 10.0
"""Of the attention that a place pays to the slots, over cosines."""
GAIN = 5.0
"""What a cosine of 1 is before the map's sigmoid, when training starts."""


class ForegroundMemory(nn.Module):
    """Attention of each place to a memory: how much it looks like what is kept there.

    Args:
        in_channels: ``C``.
        num_slots: ``S``, kinds of foreground that are kept apart.
    """

    def __init__(self, in_channels: int, num_slots: int) -> None:
        super().__init__()
        self.query = nn.Conv2d(in_channels, CHANNELS, kernel_size=1)
        self.slots = nn.Parameter(torch.randn(num_slots, CHANNELS))
        self.gain = nn.Parameter(torch.tensor(GAIN))
        self.offset = nn.Parameter(torch.zeros(()))

    def forward(self, feat: Tensor) -> Tensor:
        """``(N, C, h, w)`` -> the foreground map before its sigmoid, ``(N, 1, h, w)``."""
        queries = F.normalize(self.query(feat).float(), dim=1)
        slots = F.normalize(self.slots.float(), dim=1)
        likeness = F.conv2d(queries, slots[..., None, None]).float()  # cosines
        attention = (SHARPNESS * likeness).softmax(1)
        read = (attention * likeness).sum(1, keepdim=True)
        return self.gain * read + self.offset
