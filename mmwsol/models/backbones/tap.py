"""What backbones with a tap have in common."""


class TapMixin:
    """Marks a backbone whose forward gives ``(tap, last)``.

    ``forward(x) -> (tap, last)`` and ``tail(tap) -> last``, with ``last == tail(tap)``:
    a head can run the layers after the tap a second time, on other features. Goes before
    the host's backbone among the bases.
    """

    def train(self, mode: bool = True) -> 'TapMixin':
        """As for :class:`torch.nn.Module`; the host's backbones return None."""
        super().train(mode)
        return self
