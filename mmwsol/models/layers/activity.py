"""How active the places of a feature are."""

from torch import Tensor


def activity(feat: Tensor) -> Tensor:
    """Means over channels of how large a feature's values are.

    Behind a ReLU this is the mean that papers speak of. MobileNetV2's bottlenecks end without
    one, half their values are below 0, and their mean is lower on an object than around it
    (``docs/records/2026-11-26-activity.md``).

    Args:
        feat: ``(N, C, h, w)``.

    Returns:
        ``(N, 1, h, w)``, at least 0.
    """
    return feat.abs().mean(1, keepdim=True)
