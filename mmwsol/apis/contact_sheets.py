"""Every picture of a run at a glance, in pages."""

import errno
import os
import tempfile
from pathlib import Path

import cv2
import numpy as np

from mmwsol.apis.look_first import Looked, in_order
from mmwsol.io.pictures import write_picture
from mmwsol.visualization.picture_grid import CELL, fitted, picture_grid

FIRST = 'contact_sheet.jpg'


class ContactSheets:
    """Collects small pictures in a file, and writes pages of them in any order.

    The file has no name, and is gone with the program: a hundred thousand pictures take a
    gigabyte of disk and no memory.

    Args:
        folder: The folder to write to, which is there.
        size: The number of pictures on a page.
    """

    def __init__(self, folder: Path, size: int) -> None:
        self.folder = folder
        self.size = size
        self.kept: dict[Looked, tuple[int, int]] = {}
        """Where the picture of each image is in the file."""
        self.problems: list[str] = []
        self.pages = 0
        self._file = tempfile.TemporaryFile(dir=folder, buffering=0)
        self._end = 0

    def add(self, picture: np.ndarray, image: Looked) -> None:
        """Keeps the picture of an image, small."""
        content = cv2.imencode('.jpg', fitted(picture, CELL))[1].tobytes()
        try:
            self._file.seek(self._end)
            if self._file.write(content) < len(content):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            self.problems.append(
                f'Could not keep {image.name} for the contact sheet: {error.strerror}'
            )
            return
        self.kept[image] = self._end, len(content)
        self._end += len(content)

    @property
    def first(self) -> Path:
        """The first page."""
        return self.folder / FIRST

    def write(self, order: str) -> None:
        """Writes the pages, and removes those of an earlier run.

        Args:
            order: One of :data:`ORDERS`.
        """
        for old in self.folder.glob('contact_sheet_[0-9]*.jpg'):
            old.unlink()
        images = in_order([*self.kept], order)
        for number, start in enumerate(range(0, len(images), self.size), start=1):
            shown = images[start : start + self.size]
            pictures = [self._read(image) for image in shown]
            captions = [(image.name, image.said) for image in shown]
            name = FIRST if number == 1 else f'contact_sheet_{number:03d}.jpg'
            page = picture_grid(pictures, captions, self.size)
            try:
                write_picture(self.folder / name, page)
            except OSError as error:
                self.problems.append(str(error))
            else:
                self.pages += 1

    def _read(self, image: Looked) -> np.ndarray:
        start, length = self.kept[image]
        self._file.seek(start)
        content = np.frombuffer(self._file.read(length), np.uint8)
        return np.asarray(cv2.imdecode(content, cv2.IMREAD_COLOR))
