"""Masks from files, for evaluation."""

from itertools import chain
from pathlib import Path

import mmcv
import numpy as np
from mmcv.transforms import BaseTransform
from mmpretrain.registry import TRANSFORMS

from mmwsol.functional.checks import IGNORE
from mmwsol.io.images import decode, image_problem
from mmwsol.io.masks import merge_masks


@TRANSFORMS.register_module()
class LoadMasks(BaseTransform):
    """Loads masks for evaluation, at the image's present size.

    After Resize they come from their files' size to the network's in one step, by nearest
    pixels, as the published evaluation has it; masks need not have the image's size.
    Before Resize they follow it. Crops and flips must come later.

    An image without masks passes through. ``seg_map_path`` is either one file, whose
    pixels ``label_map`` leads to the places of their classes among the image's labels
    (the rest becomes 0, 255 stays), or for each object a file of its mask and one of what
    does not count.

    **Required Keys:** img_path, img_shape, ori_shape. **Optional Keys:** seg_map_path,
    label_map. **Added Keys:** gt_seg_map, ``(H, W)`` uint8: g on the g-th label, from 1,
    else 0; 255 does not count.
    """

    def transform(self, results: dict) -> dict:
        source = results.get('seg_map_path')
        if not source:
            return results
        size = _whole_view(results)
        try:
            if isinstance(source, str):
                mask = _class_map(source, results.get('label_map'))
                mask = mmcv.imresize(mask, size[::-1], interpolation='nearest')
            else:
                pairs = [
                    (Path(own), Path(rest) if rest else None) for own, rest in source
                ]
                for file in filter(None, chain.from_iterable(pairs)):
                    _check(file)
                mask = merge_masks(pairs, size)
        except ValueError as problem:
            raise ValueError(
                f"{results['img_path']} {problem}; replace it or set the dataset's "
                "`broken_images='skip'`."
            ) from None
        results['gt_seg_map'] = mask
        return results


def _class_map(file: str, label_map: dict[int, int] | None) -> np.ndarray:
    """Pixels of a palette image as numbers, replaced as a table of labels says."""
    _check(Path(file))
    # OpenCV would give the palette's colors
    mask, problem = decode(Path(file).read_bytes(), 'unchanged', 'pillow')
    if mask is None:
        raise ValueError(f'has the mask {file}, which {problem}')
    if mask.ndim != 2 or mask.dtype != np.uint8:
        raise ValueError(
            f'has the mask {file} of {mask.dtype} and shape {mask.shape} where a palette or '
            '256 grey levels are expected'
        )
    if label_map is None:
        return mask
    table = np.zeros(256, np.uint8)
    table[IGNORE] = IGNORE
    for value, place in label_map.items():
        table[value] = place
    return table[mask]


def _check(file: Path) -> None:
    problem = image_problem(str(file), thorough=True)
    if problem:
        raise ValueError(f'has the mask {file}, which {problem}')


def _whole_view(results: dict) -> tuple[int, int]:
    """Height and width of the image, which must show all that its file shows."""
    height, width = results['ori_shape'][:2]
    x_scale, y_scale = results.get('scale_factor', (1.0, 1.0))
    expected = round(height * y_scale), round(width * x_scale)
    found = tuple(results['img_shape'][:2])
    if found != expected or results.get('flip'):
        raise ValueError(
            f'Expected the whole image of {expected} pixels for LoadMasks, but got {found}, '
            'cropped or flipped; put LoadMasks before crops and flips in the pipeline.'
        )
    return found
