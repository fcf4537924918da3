"""The one search for images in folders: for training, inference, export and preparation.

===================================== ===================================================
hidden, and what systems leave behind passed over without a word
links to files and folders            followed; a folder is searched once, whatever leads there
a link that leads nowhere             an image where it is called like one, so that reading it
                                      names it; else ``passed_over``
a folder called like an image         ``passed_over``: it is another program's
pictures of ``tools/infer.py``        ``passed_over``, where its ``predictions.json`` lies there
other files                           ``others``
===================================== ===================================================
"""

import os
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from mmwsol.io.images import IMAGE_ENDINGS
from mmwsol.io.names import printable

LEFT_BEHIND = {
    *('@eadir', '@recycle', '@recently-snapshot', '#recycle', '#snapshot'),
    *('__macosx', '$recycle.bin', 'system volume information', 'lost+found'),
    *('thumbs.db', 'ehthumbs.db', 'desktop.ini', 'icon\r'),
}
"""What systems and storage put into folders, in small letters."""
OUTPUT_FILE = 'predictions.json'
OUTPUTS = {
    *(OUTPUT_FILE, 'results.json', 'contact_sheet.jpg', 'pictures', 'look_first.csv'),
    *('yolo', 'voc', 'label-studio'),
}
"""What ``tools/infer.py`` writes into a folder."""
SHEET = re.compile(r'contact_sheet_\d+\.jpg')
"""Further pages of the contact sheet."""
SHOWN = 5


@dataclass
class FoundImages:
    """What a folder holds, as sorted paths below it with forward slashes."""

    images: list[str] = field(default_factory=list)
    """Files with an image's ending, none twice."""
    others: list[str] = field(default_factory=list)
    """Other files."""
    passed_over: dict[str, str] = field(default_factory=dict)
    """What could be taken for images or folders of them, and what it is instead."""

    def add(self, other: 'FoundImages') -> None:
        """Adds what another search found."""
        self.images += other.images
        self.others += other.others
        self.passed_over |= other.passed_over

    def remarks(self) -> list[str]:
        """Sentences about what is not read, for a warning; empty if all is."""
        sentences = []
        if self.others:
            endings = Counter(
                os.path.splitext(path)[1].lower() or 'none' for path in self.others
            )
            counts = ', '.join(f'{n} of {e}' for e, n in endings.most_common())
            convert = '; convert HEIC to JPEG' * bool(
                endings['.heic'] + endings['.heif']
            )
            sentences.append(
                f'leaves {len(self.others)} files out whose ending is no image that can be '
                f'read ({printable(counts)}{convert}), the first: {printable(self.others[0])}'
            )
        if self.passed_over:
            named = [f'{path} {what}' for path, what in self.passed_over.items()]
            more = f'; and {len(named) - SHOWN} more' * (len(named) > SHOWN)
            sentences.append(
                f'passes {len(named)} over: {printable("; ".join(named[:SHOWN]))}{more}'
            )
        return sentences


@dataclass
class _Level:
    """One folder's entries, without those of its folders."""

    found: FoundImages = field(default_factory=FoundImages)
    folders: list[str] = field(default_factory=list)


def find_images(root: str | os.PathLike, below: str = '') -> FoundImages:
    """All images in a folder and in the folders below it.

    Args:
        root: The folder that paths are relative to.
        below: The part of it that is searched.

    Raises:
        OSError: The folder itself cannot be read.
    """
    found = FoundImages()
    seen: set[str] = set()
    # links last, so that a folder has its own name where it lies in the root as well
    waiting, links = [below], list[str]()
    while waiting or links:
        place = waiting.pop() if waiting else links.pop(0)
        real = os.path.realpath(os.path.join(root, place))
        if real in seen:
            continue
        seen.add(real)
        try:
            level = _read_level(root, place)
        except OSError as error:
            if place == below:
                raise
            found.passed_over[place] = f'cannot be opened ({error.strerror})'
            continue
        found.add(level.found)
        for folder in level.folders:
            is_link = os.path.islink(os.path.join(root, folder))
            (links if is_link else waiting).append(folder)
    return FoundImages(
        sorted(found.images),
        sorted(found.others),
        dict(sorted(found.passed_over.items())),
    )


def find_folders(root: str | os.PathLike) -> tuple[list[str], FoundImages]:
    """Names of a folder's folders, links to folders among them, and its own files.

    A folder that holds nothing but the output of ``tools/infer.py`` is left out.
    """
    level = _read_level(root, '')
    folders = []
    for name in level.folders:
        path = os.path.join(root, name)
        if _is_output(path) and set(os.listdir(path)) <= OUTPUTS:
            level.found.passed_over[name] = 'is the output of tools/infer.py'
        else:
            folders.append(name)
    return folders, level.found


def is_left_behind(name: str) -> bool:
    """Whether a system or an editor put a file there rather than the user.

    >>> is_left_behind('._tom.jpg'), is_left_behind('@eaDir'), is_left_behind('tom.jpg')
    (True, True, False)
    """
    return name.startswith('.') or name.lower() in LEFT_BEHIND


def is_image(name: str) -> bool:
    """Whether a file is called like an image that can be read.

    >>> is_image('a.JPG'), is_image('a.heic')
    (True, False)
    """
    return name.lower().endswith(IMAGE_ENDINGS)


def _read_level(root: str | os.PathLike, place: str) -> _Level:
    path = os.path.join(root, place)
    own = OUTPUTS if _is_output(path) else set()
    level = _Level()
    for name in _visible(os.listdir(path)):
        file = os.path.join(path, name)
        below = f'{place}/{name}' if place else name
        if name in own or (own and SHEET.fullmatch(name)):
            if name != OUTPUT_FILE:
                level.found.passed_over[below] = 'is the output of tools/infer.py'
        elif os.path.isdir(file):
            if is_image(name):
                level.found.passed_over[below] = 'is a folder'
            else:
                level.folders.append(below)
        elif is_image(name):
            level.found.images.append(below)
        elif not (os.path.exists(file) or os.path.splitext(name)[1]):
            level.found.passed_over[below] = 'is a link that leads nowhere'
        else:
            level.found.others.append(below)
    return level


def _visible(names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if not is_left_behind(name))


def _is_output(folder: str) -> bool:
    """Whether ``tools/infer.py`` wrote into a folder: its file begins with how it was made."""
    path = os.path.join(folder, OUTPUT_FILE)
    if not os.path.isfile(path):
        return False
    with open(path, 'rb') as file:
        start = file.read(4096)
    return start.startswith(b'{"info"') and b'"checkpoint"' in start
