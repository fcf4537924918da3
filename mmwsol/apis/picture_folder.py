"""Pictures of results, as files."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import numpy as np

from mmwsol.io.pictures import write_picture

JPEG = {'.jpg', '.jpeg'}


def picture_names(names: Sequence[str]) -> dict[str, str]:
    """What the pictures of images are called: like them, and no two alike.

    A picture ends with ``.jpg``, in place of the image's ending unless images differ in
    nothing else. Small and capital letters count as alike, as on some disks.

    >>> picture_names(['gull_02.jpg', 'a.png', 'b/1.png', 'b/1.jpg'])
    {'gull_02.jpg': 'gull_02.jpg', 'a.png': 'a.jpg', 'b/1.png': 'b/1.png.jpg', \
'b/1.jpg': 'b/1.jpg'}
    """
    paths = {name: PurePosixPath(name) for name in names}
    stems = Counter(str(path.with_suffix('')).casefold() for path in paths.values())
    taken: set[str] = set()
    chosen = {}
    # those that keep their names come first, so that nobody else gets them
    for name in sorted(paths, key=lambda name: paths[name].suffix.lower() not in JPEG):
        path = paths[name]
        below = path.relative_to(path.anchor)
        own = below.name if path.suffix.lower() in JPEG else f'{below.stem}.jpg'
        if stems[str(path.with_suffix('')).casefold()] > 1 and own != below.name:
            own = f'{below.name}.jpg'
        while str(below.with_name(own)).casefold() in taken:
            own = f'{own}.jpg'
        taken.add(str(below.with_name(own)).casefold())
        chosen[name] = str(below.with_name(own))
    return {name: chosen[name] for name in names}


class PictureFolder:
    """Writes pictures, and notes what cannot be written.

    Args:
        folder: The folder.
        names: The names of all images.
    """

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self.folder = folder
        self.names = picture_names(names)
        self.written = 0
        self.problems: list[str] = []

    def add(self, name: str, picture: np.ndarray) -> None:
        """Writes the picture of an image."""
        try:
            write_picture(self.folder / self.names[name], picture)
        except OSError as error:
            self.problems.append(str(error))
        else:
            self.written += 1
