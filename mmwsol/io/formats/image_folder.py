"""Formats that are a folder of images and a file of boxes for each."""

import csv
import errno
import io
import os
from abc import abstractmethod
from pathlib import Path

from mmwsol.io.atomic import check_writable, write_atomic
from mmwsol.io.formats.box_collection import BoxCollection, FoundImage
from mmwsol.io.formats.box_format import BoxFormat
from mmwsol.io.formats.placed_image import WAYS, place_image
from mmwsol.io.formats.plain_names import class_names, file_names
from mmwsol.io.text import read_text

SOURCES = 'sources.csv'
"""Which photograph each image is; it marks the folder as made here."""
FULL = (errno.ENOSPC, getattr(errno, 'EDQUOT', errno.ENOSPC))


class ImageFolderFormat(BoxFormat):
    """Images in one folder under names of their own, annotations in another.

    Args:
        images: How images come there, one of :data:`WAYS`.
    """

    image_folder: str
    annotation_folder: str
    ending: str
    """Of the annotations."""

    def __init__(self, images: str = 'link') -> None:
        if images not in WAYS:
            raise ValueError(
                f'Expected `images` to be one of {WAYS}, but got {images!r}.'
            )
        self.images = images

    def check(self, place: Path) -> None:
        check_writable(place / SOURCES)
        if not (place / SOURCES).exists() and any(place.iterdir()):
            raise ValueError(
                f'Expected no folder, an empty one, or one that an earlier export made, but '
                f'got {place}, which has other files; name another one with --out.'
            )

    def write(self, found: BoxCollection, place: Path) -> list[str]:
        names = file_names([image.name for image in found.images])
        sources = dict(zip(names, found.images))
        try:
            self._forget_others(place, sources)
            write_atomic(place / SOURCES, _table(sources))
            for file, text in self.extra(found, sources).items():
                write_atomic(place / file, text)
        except OSError as error:
            return [error.strerror or str(error)]
        problems = []
        classes = class_names(found.classes)
        for name, image in sources.items():
            try:
                self._write_one(place, name, image, classes)
            except OSError as error:
                problems.append(error.strerror or str(error))
                if error.errno in FULL:
                    break  # for all others too
        return problems

    @abstractmethod
    def annotation(self, name: str, image: FoundImage, classes: list[str]) -> str:
        """The text of an image's file of boxes."""

    @abstractmethod
    def extra(
        self, found: BoxCollection, sources: dict[str, FoundImage]
    ) -> dict[str, str]:
        """Texts of files about all images, by their paths in the folder."""

    def _write_one(
        self, place: Path, name: str, image: FoundImage, classes: list[str]
    ) -> None:
        text = self.annotation(name, image, classes)
        file = self._annotation_file(place, name)
        target = place / self.image_folder / name
        # first, since an image without a file of boxes is one without an object
        write_atomic(file, text, sync=False)
        try:
            place_image(image.file, target, image.size, self.images)
        except OSError:
            file.unlink(missing_ok=True)
            raise

    def _annotation_file(self, place: Path, name: str) -> Path:
        return place / self.annotation_folder / f'{Path(name).stem}{self.ending}'

    def _forget_others(self, place: Path, sources: dict[str, FoundImage]) -> None:
        """Deletes what an earlier run wrote of images that are not there any more."""
        if not (place / SOURCES).exists():
            return
        own = {os.path.realpath(image.file) for image in sources.values()}
        kept = {self._annotation_file(place, name) for name in sources}
        for row in csv.reader(io.StringIO(read_text(place / SOURCES, names=True))):
            name = Path(row[0]).name if row else ''
            if not name or name in sources:
                continue
            image = place / self.image_folder / name
            annotation = self._annotation_file(place, name)
            if os.path.realpath(image) not in own or image.is_symlink():
                image.unlink(missing_ok=True)
            if annotation not in kept:
                annotation.unlink(missing_ok=True)


def _table(sources: dict[str, FoundImage]) -> str:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator='\n')
    rows.writerow(('image', 'source'))
    rows.writerows((name, image.name) for name, image in sources.items())
    return text.getvalue()
