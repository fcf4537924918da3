"""Images to show with what is true of them, and a model's results of them."""

import copy
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from mmengine.config import Config
from mmpretrain.registry import DATASETS, MODELS

from mmwsol.apis.inferencer import LocInferencer
from mmwsol.apis.inputs import list_images
from mmwsol.engine.belonging import check_classes
from mmwsol.functional.boxes import cut_to_image
from mmwsol.io.images import read_image
from mmwsol.models.need_maps import need_maps


class Picture(NamedTuple):
    """An image of any size."""

    image: np.ndarray
    """``(H, W, 3)`` uint8, BGR."""
    name: str
    """The name of its class where that is known, else of its file."""
    label: int | None
    """Its class, None where it is not known."""
    boxes: np.ndarray
    """``(B, 4)`` xyxy in the image's pixels; empty where they are not known."""


def pictures_of_config(
    config: Config, count: int = 6, indices: Sequence[int] | None = None
) -> list[Picture]:
    """Images of the test set, as they are before its pipeline.

    Args:
        config: A config with ``test_dataloader``.
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
    corners = np.array(boxes, float).reshape(-1, 4)
    inside, empty, _ = cut_to_image(corners, image.shape[:2], 0)
    return Picture(image, name, label, inside[~empty])


def pictures_of_files(
    files: str | os.PathLike | Sequence[str | os.PathLike],
) -> list[Picture]:
    """Your own images: files, or folders with all below them."""
    return [
        Picture(read_image(file), Path(file).stem, None, np.zeros((0, 4)))
        for file in map(str, list_images(files))
    ]


def results_of(
    config: Config,
    checkpoint: str | os.PathLike,
    pictures: Sequence[Picture],
    threshold: float | str = 'otsu',
    device: str | torch.device | None = None,
) -> list[dict]:
    """A result for each picture, as :meth:`LocInferencer.stream` gives it.

    As in the evaluation, the map is the true class's where that is known and the head
    shows one class's.

    Args:
        config: The model's config.
        checkpoint: Its weights.
        pictures: The pictures, at least one.
        threshold: As for :class:`LocInferencer`.
        device: As for :class:`LocInferencer`.
    """
    inferencer = LocInferencer(
        copy.deepcopy(config), checkpoint, device, threshold=threshold
    )
    known = [picture.label for picture in pictures if picture.label is not None]
    if inferencer.classes:
        names = {p.label: p.name for p in pictures if p.label is not None}
        trained = [inferencer.classes[k] for k in names if k < len(inferencer.classes)]
        where = 'the checkpoint', '`test_dataloader`'
        check_classes(trained, [*names.values()], *where)
    all_known = len(known) == len(pictures) and inferencer.shows_one_class
    images = [picture.image for picture in pictures]
    return list(inferencer.stream(images, labels=known if all_known else None))


def results_by_map(
    config: Config,
    checkpoint: str | os.PathLike,
    pictures: Sequence[Picture],
    threshold: float | str = 'otsu',
    device: str | torch.device | None = None,
) -> dict[str, list[dict]]:
    """The same for every map that the model's head has to show, by the map's name.

    Which these are is the head's ``map_names``.
    """
    results = {}
    head = MODELS.get(config.model.head.type)
    need_maps(head, 'pictures of them')
    for name, options in head.map_names.items():
        own = copy.deepcopy(config)
        own.model.head.update(options)
        results[name] = results_of(own, checkpoint, pictures, threshold, device)
    return results
