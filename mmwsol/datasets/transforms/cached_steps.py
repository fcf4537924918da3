"""Pipelines whose first steps, up to Resize, are read from a file of pixels."""

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from mmcv.transforms import BaseTransform, LoadAnnotations, Resize

from mmwsol.datasets.pixel_cache import PixelCache
from mmwsol.datasets.transforms.load_boxes import LoadIntactImage
from mmwsol.datasets.transforms.load_masks import LoadMasks


class ReadSize(BaseTransform):
    """LoadIntactImage without the pixels: sets img_shape and ori_shape."""

    def __init__(self, cache: PixelCache) -> None:
        self.cache = cache

    def transform(self, results: dict) -> dict:
        size = self.cache.stored_size(results['img_path'])
        results['img_shape'] = results['ori_shape'] = size
        return results


class ReadResized(Resize):
    """Resize that reads the image; boxes and masks are resized as ever."""

    def __init__(self, cache: PixelCache, resize: Resize) -> None:
        super().__init__(
            scale=resize.scale,
            clip_object_border=resize.clip_object_border,
            backend=resize.backend,
            interpolation=resize.interpolation,
        )
        self.cache = cache

    def _resize_img(self, results: dict) -> None:
        height, width = results['ori_shape']
        results['img'] = self.cache.image(results['img_path'])
        results['img_shape'] = results['img'].shape[:2]
        results['scale_factor'] = self.scale[0] / width, self.scale[1] / height
        results['keep_ratio'] = False


def read_from_cache(
    steps: list[Callable], files: Iterable[str], folder: Path, name: str
) -> None:
    """Has a pipeline read its images from a file, which is made where there is none.

    Args:
        steps: The pipeline's transforms, changed in place.
        files: Of the images.
        folder: Of the file.
        name: The file's begins with.
    """
    stop = _length_of_beginning(steps)
    load, resize = steps[0], steps[stop - 1]

    def decode(file: str) -> tuple[np.ndarray, tuple[int, int]]:
        made = resize(load(dict(img_path=file)))
        return made['img'], made['ori_shape']

    cache = PixelCache(
        folder.expanduser(),
        name,
        list(files),
        size=resize.scale[::-1],
        decode=decode,
        recipe=f'{load} {resize}',
    )
    steps[0], steps[stop - 1] = ReadSize(cache), ReadResized(cache, resize)


def _length_of_beginning(steps: list[Callable]) -> int:
    """How many steps there are up to Resize; raises where `cache` cannot replace them."""
    if steps and type(steps[0]) is LoadIntactImage:
        for place, step in enumerate(steps[1:], start=2):
            if type(step) is Resize and step.scale and not step.keep_ratio:
                return place
            if not isinstance(step, (LoadAnnotations, LoadMasks)):
                break
    names = [type(step).__name__ for step in steps]
    raise ValueError(
        'Expected a `pipeline` that begins with LoadIntactImage and Resize(scale=(width, '
        'height)), between them only boxes and masks, for `cache`, which keeps images of '
        f'one size, but got {names}; leave `cache` out.'
    )
