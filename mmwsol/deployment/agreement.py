"""Whether an exported model says what its localizer says."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import Tensor

from mmwsol.functional import map_boxes
from mmwsol.models import Localizer

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

BATCHES = (1, 3)


class Agreement(NamedTuple):
    """Differences of each image, the largest over batches."""

    scores: np.ndarray
    """``(N,)``"""
    maps: np.ndarray
    """``(N,)``"""
    same_class: np.ndarray
    """``(N,)`` bool: whether the same class is predicted."""
    same_boxes: np.ndarray
    """``(N,)`` bool"""

    def problem(self, tolerance: float, names: list[str]) -> str | None:
        """Which output differs by more than the tolerance, where and by how much."""
        for output, differences in (('scores', self.scores), ('maps', self.maps)):
            if not (differences <= tolerance).all():  # so that NaN is a problem
                worst = int(differences.argmax())
                return (
                    f'Expected `{output}` of onnxruntime within {tolerance:g} of those of '
                    f'torch, but got a difference of {differences[worst]:.2g} for '
                    f'{names[worst]}'
                )
        return None


def compare(
    session: 'InferenceSession',
    localizer: Localizer,
    images: list[Tensor],
    threshold: float,
) -> Agreement:
    """Runs both on images without labels, one at a time and in batches of three.

    Args:
        session: The exported model.
        localizer: The model, in evaluation mode.
        images: ``(3, H, W)`` uint8, BGR, as the test pipeline gives them.
        threshold: The threshold of the boxes, see :func:`mmwsol.functional.map_boxes`.
    """
    count = len(images)
    scores, maps = np.zeros((2, count))
    same_class, same_boxes = np.ones((2, count), bool)
    for batch in BATCHES:
        for start in range(0, count, batch):
            places = [i % count for i in range(start, start + batch)]
            inputs = torch.stack([images[i] for i in places])
            with torch.no_grad():
                expected = localizer.test_step(dict(inputs=inputs))
            found = session.run(['scores', 'maps'], dict(images=inputs.flip(1).numpy()))
            for i, sample, score, score_map in zip(places, expected, *found):
                own_score, own_map = sample.pred_score.numpy(), sample.pred_map.numpy()
                scores[i] = np.maximum(scores[i], np.abs(score - own_score).max())
                maps[i] = np.maximum(maps[i], np.abs(score_map - own_map).max())
                same_class[i] &= score.argmax() == own_score.argmax()
                boxes = map_boxes(score_map[0], threshold)
                same_boxes[i] &= np.array_equal(boxes, map_boxes(own_map[0], threshold))
    return Agreement(scores, maps, same_class, same_boxes)


def map_contrast(localizer: Localizer, image: Tensor) -> float:
    """How far a map's values are apart before they are stretched to [0, 1].

    Args:
        localizer: The model, in evaluation mode.
        image: ``(3, H, W)`` uint8, BGR.

    Returns:
        The span, as a share of the largest absolute value.
    """
    inputs = localizer.data_preprocessor(dict(inputs=image[None]))['inputs']
    with torch.no_grad():
        _, maps = localizer.head.scores_and_maps(localizer.extract_feat(inputs))
    return float((maps.max() - maps.min()) / maps.abs().max().clamp(min=1e-30))
