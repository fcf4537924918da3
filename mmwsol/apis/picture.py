"""Images to show, with what is true of them."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from mmengine.config import Config
from mmpretrain.registry import DATASETS

from mmwsol.apis.image_list import list_images
from mmwsol.functional.boxes import cut_to_image
from mmwsol.io.images import read_image


class Picture(NamedTuple):
    """An image of any size."""

    image: np.ndarray
    """``(H, W, 3)`` uint8, BGR."""
    name: str
    """Of its class where that is known, else of its file."""
    label: int | None
    """Its class, None where it is not known."""
    boxes: np.ndarray
    """``(B, 4)`` xyxy in the image's pixels; empty where they are not known."""


def pictures_of_config(
    config: Config, count: int = 6, indices: Sequence[int] | None = None
) -> list[Picture]:
    """Images of the test set, as they are before its pipeline.

    Args:
        config: With ``test_dataloader``.
        count: How many, evenly spaced from the first to the last.
        indices: These instead.

    Raises:
        ValueError: The test set does not have as many.
    """
    dataset = DATASETS.build({**config.test_dataloader.dataset, 'pipeline': []})
    size = len(dataset)
    if indices is None:
        if not 1 <= count <= size:
            raise ValueError(
                f'Expected a count from 1 to {size}, the images of the test set, but got '
                f'{count}.'
            )
        indices = np.linspace(0, size - 1, count).round().astype(int).tolist()
    outside = [index for index in indices if not 0 <= index < size]
    if outside:
        raise ValueError(
            f'Expected indices from 0 to {size - 1}, the images of the test set, but got '
            f'{outside[0]}.'
        )
    classes = dataset.metainfo.get('classes')
    return [_of_record(dataset.get_data_info(index), classes) for index in indices]


def _of_record(info: dict, classes: Sequence[str] | None) -> Picture:
    # of an image with several labels, the first one's map and boxes
    label = int(np.atleast_1d(info['gt_label'])[0])
    boxes = [
        instance['bbox']
        for instance in info.get('instances', ())
        if instance.get('bbox_label', label) == label
    ]
    # drawings come with their pixels
    image = info['img'] if 'img' in info else read_image(info['img_path'])
    name = classes[label] if classes else str(label)
    boxes = np.array(boxes, float).reshape(-1, 4)
    inside, empty, _ = cut_to_image(boxes, image.shape[:2], 0)
    return Picture(image, name, label, inside[~empty])


def pictures_of_files(
    files: str | os.PathLike | Sequence[str | os.PathLike],
) -> list[Picture]:
    """Images of one's own: files, or folders with all below them."""
    return [
        Picture(read_image(file), Path(file).stem, None, np.zeros((0, 4)))
        for file in list_images(files)
    ]
