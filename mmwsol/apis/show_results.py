"""Results of images to show, of a model and under each option of its map."""

import copy
import os
from collections.abc import Sequence

import torch
from mmengine.config import Config
from mmpretrain.registry import MODELS

from mmwsol.apis.inferencer import LocInferencer
from mmwsol.apis.picture import Picture


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
        config: Of the model.
        checkpoint: Its weights.
        pictures: At least one.
        threshold: As for :class:`LocInferencer`.
        device: As for :class:`LocInferencer`.
    """
    inferencer = LocInferencer(
        copy.deepcopy(config), checkpoint, device, threshold=threshold
    )
    labels = [picture.label for picture in pictures]
    if None in labels or not inferencer.shows_one_class:
        labels = None
    images = [picture.image for picture in pictures]
    return list(inferencer.stream(images, labels=labels))


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
    for name, options in MODELS.get(config.model.head.type).map_names.items():
        own = copy.deepcopy(config)
        own.model.head.update(options)
        results[name] = results_of(own, checkpoint, pictures, threshold, device)
    return results
