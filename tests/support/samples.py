"""Data samples of random predictions, as the metrics take them."""

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


def masked(seed: int, path: str = 'a.jpg') -> dict:
    """A map and a mask with object, background and pixels that do not count."""
    rng = np.random.default_rng(seed)
    return dict(
        pred_map=torch.tensor(rng.random((1, 9, 11)), dtype=torch.float32),
        gt_seg_map=torch.tensor(rng.choice([0, 1, 255], (9, 11))),
        img_path=path,
    )
