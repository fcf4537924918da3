"""A folder of boxes, pictures and what to look at first: what a run leaves behind."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np

from mmwsol.apis.box_writer import BoxWriter
from mmwsol.apis.contact_sheets import ContactSheets
from mmwsol.apis.drawn_boxes import DrawnBoxes
from mmwsol.apis.look_first import NAME, Looked, in_order, looked_at, write_list
from mmwsol.apis.picture_folder import PictureFolder
from mmwsol.io.atomic import write_atomic
from mmwsol.io.formats.box_collection import class_of_boxes
from mmwsol.io.names import printable

SHOWN = 5
"""Images that are named on the terminal as those to look at first, or that were not drawn."""
ROOM_FILE, ROOM = '.room', 2000
"""A file that keeps room for the boxes, and the bytes that those of an image take, about."""


class FoundFolder:
    """Fills a folder with what is found in images.

    Args:
        args: The arguments of :func:`mmwsol.apis.look_through.add_folder_arguments`.
        images: The files of all images.
        writer: What writes boxes.
        draw: Makes the picture of a result.

    Raises:
        OSError: There is no room on the disk, or no file of drawn boxes.
        ValueError: There is something wrong with the drawn boxes.
    """

    def __init__(
        self,
        args: argparse.Namespace,
        images: Sequence[str],
        writer: BoxWriter,
        draw: Callable[[dict], np.ndarray],
    ) -> None:
        self.folder: Path = args.out
        self.order = args.sort
        self.images = images
        self.writer = writer
        self.draw = draw
        self.looked: list[Looked] = []
        self.undrawn: list[str] = []
        """Sentences about files that could not be drawn or written."""
        names = [writer.name(image) for image in images]
        self.drawn: DrawnBoxes | None = None
        if args.drawn:
            classes = {name: self._folder_of(name) for name in names}
            root = writer.found.root
            self.drawn = DrawnBoxes.read(args.drawn, root, classes, args.box_unit)
        # pictures may fill the disk, on which the boxes must have a place
        try:
            write_atomic(self._room, bytes(ROOM * (len(images) + 10)), sync=False)
        except OSError as error:
            raise OSError(
                f'Expected room for the boxes of {len(images)} images in {self.folder}, but '
                f'got: {error.strerror}; make some, or name another folder with --out.'
            ) from None
        self.pictures: PictureFolder | None = None
        self.sheets: ContactSheets | None = None
        if not args.no_pictures:
            self.pictures = PictureFolder(self.folder / 'pictures', names)
            self.sheets = ContactSheets(self.folder, args.sheet) if args.sheet else None

    def add(self, result: dict) -> None:
        """Takes a result of :meth:`LocInferencer.stream`."""
        result = self.writer.add(result)
        name, kind = self.writer.name(result['image']), ''
        if 'error' not in result:
            kind = self.writer.found.classes[class_of_boxes(result)]
        looked = looked_at(name, kind, result)
        self.looked.append(looked)
        if self.drawn:
            self.drawn.add(name, result)
        if self.pictures and not looked.failed:
            try:
                picture = self.draw(result)
            except (OSError, ValueError, cv2.error) as error:  # it was there before
                self.undrawn.append(f'Could not draw {name}: {error}')
                return
            self.pictures.add(name, picture)
            if self.sheets:
                self.sheets.add(picture, looked)

    def write(self) -> None:
        """Writes what was taken: boxes first, which are worth most."""
        self._room.unlink(missing_ok=True)
        self.writer.write()
        try:
            write_list(self.looked, self.folder)
        except OSError as error:
            self.undrawn.append(str(error))
        if self.sheets:
            self.sheets.write(self.order)

    def summary(self) -> str:
        """What was found, where it is, and what to look at first."""
        found = self.writer.found
        bare = sum(not image.boxes for image in found.images)
        without = f', {bare} without a box' if bare else ''
        count = f'{len(found.images)} images, {found.num_boxes} boxes{without}'
        lines = [f'{count}: {self.writer.places}']
        if self.pictures and self.pictures.written:
            places = [str(self.pictures.folder)]
            if self.sheets and self.sheets.pages:
                more = self.sheets.pages - 1
                places.insert(
                    0, f'{self.sheets.first}{f" and {more} more" * bool(more)}'
                )
            lines.append(f'pictures: {", ".join(places)}')
        doubtful = [one for one in self.looked if one.score is not None]
        if doubtful:
            lines.append(f'least certain, all in {self.folder / NAME}:')
        lines += [
            f'  {printable(one.name)}  {one.said}, {one.reason}'
            for one in in_order(doubtful, 'score')[:SHOWN]
        ]
        if self.drawn:
            lines += self.drawn.summary(self.writer.found.info['threshold'])
        return '\n'.join(lines)

    @property
    def problems(self) -> list[str]:
        """Sentences about pictures and lists that were not written."""
        parts = self.pictures, self.sheets
        return self.undrawn + [line for part in parts if part for line in part.problems]

    def _folder_of(self, name: str) -> str:
        """The class that an image's folder is called like, if any is."""
        first = name.split('/')[0]
        return first if first in self.writer.found.classes else 'any'

    @property
    def _room(self) -> Path:
        return self.folder / ROOM_FILE
