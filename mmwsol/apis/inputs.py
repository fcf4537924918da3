"""What a user asks about: images of all kinds, and the classes whose maps are wanted."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from mmengine.dataset import Compose
from mmengine.logging import MMLogger
from mmpretrain.registry import TRANSFORMS
from torch import Tensor
from torch.utils.data import Dataset

from mmwsol.apis.image_like import IN_MEMORY, ImageLike, check_form, pixels_of
from mmwsol.io.image_folders import find_images
from mmwsol.io.images import IMAGE_ENDINGS, displayed_size
from mmwsol.io.names import printable


class Item(NamedTuple):
    """An image on its way to the model."""

    place: int
    """Where it is in the list of inputs."""
    size: tuple[int, int]
    """Height, width of the image; zeros if it could not be read."""
    data: dict | None
    """What the pipeline made of it."""
    error: str | None
    """Why it could not be read."""


class ImageList(Dataset):
    """Reads images and passes them through a pipeline; what cannot be read is named.

    Args:
        images: The images, without folders.
        labels: The class of each image, or None.
        pipeline: The transforms after loading.
        least_side: As for :func:`mmwsol.io.images.decode`.
    """

    def __init__(
        self,
        images: Sequence[ImageLike],
        labels: Sequence[int] | None,
        pipeline: Callable[[dict], dict],
        least_side: int = 0,
    ) -> None:
        self.images = images
        self.labels = labels
        self.pipeline = pipeline
        self.least_side = least_side

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> Item:
        image = self.images[index]
        try:
            array = pixels_of(image, self.least_side)
        except (ValueError, OSError, SyntaxError, cv2.error) as error:
            return Item(index, (0, 0), None, str(error))
        size, whole = array.shape[:2], array.shape[:2]
        if self.least_side and not isinstance(image, IN_MEMORY):
            width, height = displayed_size(image) or size[::-1]
            whole = height, width
        path = str(index if isinstance(image, IN_MEMORY) else image)
        results = dict(img=array, img_shape=size, ori_shape=size, img_path=path)
        if self.labels is not None:
            results['gt_label'] = self.labels[index]
        return Item(index, whole, self.pipeline(results), None)


def list_images(inputs: ImageLike | Sequence[ImageLike]) -> list[ImageLike]:
    """An image, a folder with all below it, or a list of these, as a list.

    What a folder holds besides is named in warnings; a link that leads nowhere is in the list,
    and named when it is read.

    Raises:
        FileNotFoundError: There is nothing at a path, or no image in a folder.
        TypeError: It is none of these.
    """
    if isinstance(inputs, IN_MEMORY):
        return [inputs]
    if not isinstance(inputs, (str, os.PathLike)):
        check_form(inputs)
        return [image for part in inputs for image in list_images(part)]
    path = Path(inputs)
    if path.is_dir():
        found = find_images(path)
        for remark in found.remarks():
            text = f'The search of {printable(path)} {remark}.'
            MMLogger.get_current_instance().warning(text)
        if not found.images:
            raise FileNotFoundError(
                f'Expected images {IMAGE_ENDINGS} in {path}, but there are none.'
            )
        return [str(path / image) for image in found.images]
    if not os.path.lexists(path):
        raise FileNotFoundError(
            f'Expected an image or a folder at {path}, but there is neither.'
        )
    return [str(path)]


def after_loading(pipeline: Sequence[dict]) -> list[dict]:
    """The steps of a test pipeline that change the image, without those that load."""
    names = [str(step['type']).rpartition('.')[2] for step in pipeline]
    return [s for s, name in zip(pipeline, names) if not name.startswith('Load')]


def compose(steps: Sequence[dict]) -> Compose:
    """A pipeline of the steps that configs describe."""
    return Compose([TRANSFORMS.build(step) for step in steps])


def see(image: ImageLike, pipeline: Compose) -> Tensor:
    """What a pipeline makes of an image for the network, ``(3, H, W)``.

    Raises:
        ValueError: The image cannot be read.
    """
    item = ImageList([image], None, pipeline)[0]
    if item.data is None:
        raise ValueError(item.error)
    return item.data['inputs']


def input_size(pipeline: Compose) -> tuple[int, int] | None:
    """``H, W`` of what a pipeline makes of images, or None where it depends on them."""
    # one wide, one high; larger than a crop
    probes = (np.zeros((*size, 3), np.uint8) for size in ((1200, 1600), (1600, 1200)))
    seen = (see(probe, pipeline) for probe in probes)
    sizes = {(image.shape[-2], image.shape[-1]) for image in seen}
    return sizes.pop() if len(sizes) == 1 else None


def label_numbers(
    labels: Sequence[int | str] | int | str,
    count: int,
    classes: Sequence[str] | None,
    num_classes: int,
) -> list[int]:
    """Class numbers of images.

    Args:
        labels: A number or name for all images, or one for each.
        count: The number of images.
        classes: Names, where they are known.
        num_classes: ``K``.

    Raises:
        ValueError: There is no such class, or not one for each image.

    >>> label_numbers('wren', 2, ['finch', 'wren'], 2)
    [1, 1]
    """
    if isinstance(labels, (int, str)):
        return [_number(labels, classes, num_classes)] * count
    numbers = [_number(label, classes, num_classes) for label in labels]
    if len(numbers) != count:
        raise ValueError(
            f'Expected a label for each of {count} images, but got {len(numbers)}.'
        )
    return numbers


def _number(label: int | str, classes: Sequence[str] | None, num_classes: int) -> int:
    if isinstance(label, str):
        names = list(classes or ())
        if label not in names:
            raise ValueError(
                'Expected `labels` to be among the classes, such as '
                f'{names[:3]}, but got {label!r}.'
            )
        return names.index(label)
    if not 0 <= label < num_classes:
        raise ValueError(
            f'Expected `labels` from 0 to {num_classes - 1}, but got {label}.'
        )
    return int(label)
