"""Decoded and resized images of a data set."""

import os
from collections.abc import Callable, Sequence
from hashlib import blake2b
from pathlib import Path

import cv2
import numpy as np

from mmwsol.datasets.pixel_file import make_rows, map_rows

FORMAT = 1

Decode = Callable[[str], tuple[np.ndarray, tuple[int, int]]]
"""File -> pixels, and height and width before they were resized."""


class PixelCache:
    """Reads images from one file, and makes it first where there is none.

    The file has pixels and stored size of every image. Its name holds a digest of all that
    it was made from, so that a change of any of it asks for another file.

    Args:
        folder: Of the file.
        name: The file's begins with.
        files: Of the images, in the order they are kept in.
        size: Height and width of every resized image.
        decode: Makes an image from its file.
        recipe: What ``decode`` does, in words that change when it does.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        files: Sequence[str],
        size: tuple[int, int],
        decode: Decode,
        recipe: str,
    ) -> None:
        self.dtype = np.dtype([('size', '<i4', 2), ('pixels', 'u1', (*size, 3))])
        digest = _digest(files, f'{FORMAT} {cv2.__version__} {self.dtype} {recipe}')
        self.file = folder / f'{name}_{size[1]}x{size[0]}_{digest}.npy'
        keys = np.array([_key(file) for file in files])
        self.order = np.argsort(keys)
        self.keys = keys[self.order]
        self._rows = self._map()
        if self._rows is None:
            make_rows(
                self.file, self.dtype, files, lambda file: self._row(file, decode)
            )
            self._rows = self._map()

    def __getstate__(self) -> dict:
        """Without the pixels: a process that is sent a copy maps the file itself."""
        return {**self.__dict__, '_rows': None}

    def image(self, file: str) -> np.ndarray:
        """Pixels ``(H, W, 3)`` uint8 of a file, the caller's own."""
        return self._find(file)['pixels'].copy()

    def stored_size(self, file: str) -> tuple[int, int]:
        """Height and width of a file's image before it was resized."""
        height, width = self._find(file)['size'].tolist()
        return height, width

    def _map(self) -> np.ndarray | None:
        return map_rows(self.file, self.dtype, len(self.keys))

    def _find(self, file: str) -> np.void:
        if self._rows is None:
            self._rows = self._map()
        # by name: in a subset that is cut out later, images are counted anew
        key = _key(file)
        place = np.searchsorted(self.keys, key)
        if place == len(self.keys) or self.keys[place] != key:
            raise KeyError(f'{file} is not among the images of {self.file}.')
        return self._rows[self.order[place]]

    def _row(self, file: str, decode: Decode) -> np.ndarray:
        row = np.empty((), self.dtype)
        pixels, row['size'] = decode(file)
        expected = row['pixels'].shape
        if pixels.dtype != np.uint8 or pixels.shape != expected:
            raise ValueError(
                f'Expected uint8 of shape {expected} after Resize for `cache`, but '
                f'{file} is {pixels.dtype} of {pixels.shape}; leave `cache` out.'
            )
        row['pixels'] = pixels
        return row


def _key(file: str) -> np.uint64:
    """64 bits for a file's name: a fraction of the names' memory in every worker."""
    return np.frombuffer(blake2b(file.encode(), digest_size=8).digest(), np.uint64)[0]


def _digest(files: Sequence[str], recipe: str) -> str:
    """Of files, their sizes and times, and of what is made of them."""
    digest = blake2b(recipe.encode(), digest_size=8)
    for file in files:
        now = os.stat(file)
        entry = f'\n{os.path.abspath(file)} {now.st_size} {now.st_mtime_ns}'
        digest.update(entry.encode())
    return digest.hexdigest()
