"""Data samples of random predictions, as the metrics take them."""

from collections.abc import Callable

import numpy as np
import torch


def random_samples(seed: int, count: int = 7) -> list[dict]:
    """Maps, scores, labels and one to three boxes of images on 8 classes."""
    rng = np.random.default_rng(seed)
    samples = []
    for i in range(count):
        score_map = rng.random((12, 15)).astype(np.float32)
        corners = np.sort(rng.random((1 + i % 3, 2, 2)), axis=1) * [14, 11]
        samples.append(
            dict(
                # normalised and not: the highest grey levels differ
                pred_map=torch.tensor(score_map / (score_map.max() * (1 + i % 2)))[
                    None
                ],
                pred_score=torch.tensor(rng.random(8)),
                gt_label=torch.tensor([int(rng.integers(8))]),
                gt_bboxes=torch.tensor(corners.reshape(-1, 4)),
                img_path=f'{i}.jpg',
            )
        )
    return samples


def four_images(sample: Callable[..., dict]) -> list[dict]:
    """Predictions whose IoUs are worked by hand; class 0 is the true one.

    Predicted boxes reach from x0 to x0 + width, inclusive, and IoU counts corners as pixels:
    [1, 1, 5, 5] is 5 x 5 = 25 pixels.

    Args:
        sample: What makes one from the predicted box and the true boxes.
    """
    return [
        # the same box: IoU 1, class right
        sample((1, 1, 5, 5), [[1, 1, 5, 5]]),
        # 5 x 5 in 5 x 8: IoU 25 / 40 = 0.625, a hit at .3 and .5; class second
        sample((1, 1, 5, 5), [[1, 1, 5, 8]], scores=(0.4, 0.6, 0.0)),
        # 5 x 5 in 8 x 8: IoU 25 / 64 = 0.39, a hit at .3 only
        sample((1, 1, 5, 5), [[1, 1, 8, 8]]),
        # apart: no hit
        sample((0, 0, 2, 2), [[6, 6, 9, 9]]),
    ]


def masked(seed: int, path: str = 'a.jpg') -> dict:
    """A map and a mask with object, background and pixels that do not count."""
    rng = np.random.default_rng(seed)
    return dict(
        pred_map=torch.tensor(rng.random((1, 9, 11)), dtype=torch.float32),
        gt_seg_map=torch.tensor(rng.choice([0, 1, 255], (9, 11))),
        img_path=path,
    )
