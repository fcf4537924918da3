"""Batches of images that differ in size."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor


def in_size_groups(step: Callable[[dict], list], data: Any) -> list:
    """What a step gives of each image, where images of one size go through it together.

    Args:
        step: What takes a batch of one size and gives a list.
        data: The batch; images of several sizes are a list, ``inputs``.
    """
    inputs = data['inputs'] if isinstance(data, dict) else None
    if not isinstance(inputs, (list, tuple)) or not all(
        isinstance(image, Tensor) for image in inputs
    ):
        return step(data)
    places: dict[torch.Size, list[int]] = {}
    for place, image in enumerate(inputs):
        places.setdefault(image.shape, []).append(place)
    results: list[Any] = [None] * len(inputs)
    for own in places.values():
        part: dict[str, Any] = {
            key: [values[place] for place in own] for key, values in data.items()
        }
        part['inputs'] = torch.stack(part['inputs'])
        for place, result in zip(own, step(part)):
            results[place] = result
    return results
