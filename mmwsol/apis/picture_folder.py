"""Pictures of results, as files."""

from pathlib import Path

import numpy as np

from mmwsol.io.pictures import write_picture
from mmwsol.visualization import mosaic


def picture_file(name: str, folder: Path) -> Path:
    """Where the picture of an image goes; two files of a name keep their endings apart."""
    below = Path(name).relative_to(Path(name).anchor)
    return folder / below.parent / f'{below.name}.jpg'


class PictureFolder:
    """Writes pictures, the first of them in one as well, and notes what cannot be written.

    Args:
        folder: The folder.
        most: The number of pictures on the contact sheet.
    """

    def __init__(self, folder: Path, most: int) -> None:
        self.sheet_file, self.pictures = (
            folder / 'contact_sheet.jpg',
            folder / 'pictures',
        )
        self.most = most
        self.sheet: list[np.ndarray] = []
        self.problems: list[str] = []

    def add(self, name: str, picture: np.ndarray) -> None:
        """Writes the picture of an image."""
        if len(self.sheet) < self.most:
            self.sheet.append(picture)
        self._write(picture_file(name, self.pictures), picture)

    def write_sheet(self) -> None:
        """Writes the contact sheet, if there is anything on it."""
        if self.sheet:
            self._write(self.sheet_file, mosaic(self.sheet))

    def _write(self, file: Path, picture: np.ndarray) -> None:
        try:
            write_picture(file, picture)
        except OSError as error:
            self.problems.append(str(error))
